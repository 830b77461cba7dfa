#!/usr/bin/env python3
"""Keeps docs/api: what the public headers declare, one declaration a line, one file per module.

  scripts/api_listing.py [--compiler clang++-19]            write the listing
  scripts/api_listing.py [--compiler clang++-19] --check    exit 1 when it is not up to date

A declaration of the listing that is gone or has changed breaks somebody's program. Both forms
refuse that, unless the part "Unreleased" of CHANGELOG.md names it (`worker::call_slots::acquire`).

What is promised is that sources keep compiling, not that binaries keep linking (spec 10 §1.4), so
the listing is made from the headers as the compiler understands them, not from the symbols of the
shared objects: those know neither members, enumerators, templates and inline functions nor return
types. Not in it: private members, names in a namespace `detail`, default arguments.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LISTING = ROOT / "docs" / "api"
INCLUDE = ROOT / "include"
RECORDS = {"CXXRecordDecl", "ClassTemplatePartialSpecializationDecl"}
FUNCTIONS = {"FunctionDecl", "CXXMethodDecl", "CXXConstructorDecl", "CXXConversionDecl"}
TEMPLATES = {"ClassTemplateDecl", "FunctionTemplateDecl", "TypeAliasTemplateDecl", "VarTemplateDecl"}
PARAMETERS = {"TemplateTypeParmDecl", "NonTypeTemplateParmDecl", "TemplateTemplateParmDecl"}
HEAD = ("# Public declarations of cxb::{module}; written by scripts/api_listing.py. A line that goes or\n"
        "# changes must be named in CHANGELOG.md, see there.\n")


def type_of(node):
    return node.get("type", {}).get("qualType", "")


def parameter(node):
    if node["kind"] == "NonTypeTemplateParmDecl":
        text = type_of(node)
    else:
        text = node.get("tagUsed", "class")
    return text + ("..." if node.get("isParameterPack") else "")


class reader:
    """Turns the declarations of a syntax tree into lines by module."""

    def __init__(self, modules):
        self.modules = modules
        self.lines = {module: set() for module in modules}

    def add(self, scope, text):
        module = scope[0] if scope and scope[0] in self.modules else "base"
        self.lines[module].add(" ".join(text.split()))

    def namespace(self, node, scope):
        for child in node.get("inner", []):
            kind = child["kind"]
            if kind == "NamespaceDecl":
                name = child.get("name", "")
                if name not in ("detail", ""):
                    inner = scope if name in ("cxb", "v1") else scope + [name]
                    self.namespace(child, inner)
            else:
                self.declaration(child, scope)

    def declaration(self, node, scope, template=""):
        kind = node["kind"]
        if node.get("isImplicit") or node.get("explicitlyDeleted"):
            return
        name = "::".join(scope + [node.get("name", "")])
        if kind in TEMPLATES:
            self.template(node, scope)
        elif kind in RECORDS:
            self.record(node, scope, template)
        elif kind in FUNCTIONS:
            self.function(node, name, scope, template)
        elif kind == "EnumDecl":
            self.enumeration(node, name, scope)
        elif kind in ("TypeAliasDecl", "TypedefDecl"):
            self.add(scope, f"{template}using {name} = {type_of(node)}")
        elif kind in ("VarDecl", "FieldDecl"):
            self.add(scope, f"{template}{name} : {type_of(node)}")
        elif kind == "ConceptDecl":
            self.add(scope, f"concept {name}")
        elif kind == "FriendDecl":
            for child in node.get("inner", []):
                if child["kind"] in FUNCTIONS | TEMPLATES:
                    self.declaration(child, scope, template)

    def function(self, node, name, scope, template):
        words = "".join(word for flag, word in (("virtual", "virtual "), ("pure", "pure "))
                        if node.get(flag))
        words += "static " if node.get("storageClass") == "static" else ""
        shown = type_of(node)
        if node.get("explicitlyDefaulted"):
            # Worked out by the compiler only when some header happens to use it.
            shown = shown.removesuffix(" noexcept")
        self.add(scope, f"{template}{words}{name} : {shown}")

    def enumeration(self, node, name, scope):
        self.add(scope, f"enum {name}")
        for value in node.get("inner", []):
            if value["kind"] == "EnumConstantDecl":
                self.add(scope, f"{name}::{value['name']}")

    def template(self, node, scope):
        inner = node.get("inner", [])
        parameters = [parameter(child) for child in inner if child["kind"] in PARAMETERS]
        # The first declaration is the template, those after it are its instantiations.
        for child in inner:
            if child["kind"] in RECORDS | FUNCTIONS | {"TypeAliasDecl", "VarDecl"}:
                self.declaration(child, scope, f"template<{', '.join(parameters)}> ")
                return

    def record(self, node, scope, template):
        if not node.get("completeDefinition"):
            return
        name = node.get("name", "")
        bases = [f"{base['writtenAccess'] if base['writtenAccess'] != 'none' else base['access']} "
                 f"{base['type']['qualType']}" for base in node.get("bases", [])]
        bases = [base for base in bases if not base.startswith("private ")]
        final = " final" if any(child["kind"] == "FinalAttr" for child in node["inner"]) else ""
        shown = f" : {', '.join(bases)}" if bases else ""
        self.add(scope, f"{template}{node['tagUsed']} {'::'.join(scope + [name])}{final}{shown}")
        access = "private" if node["tagUsed"] == "class" else "public"
        for child in node.get("inner", []):
            if child["kind"] == "AccessSpecDecl":
                access = child["access"]
            elif access != "private":
                self.declaration(child, scope + [name])
            elif child["kind"] == "FriendDecl":
                self.declaration(child, scope + [name])


def headers():
    return sorted(file.relative_to(INCLUDE).as_posix() for file in INCLUDE.rglob("*.hpp"))


def macros():
    """{module: lines}; a macro of the library begins with CXB_."""
    found = {}
    for header in headers():
        module = header.split("/")[1] if header.count("/") > 1 else "base"
        text = (INCLUDE / header).read_text(encoding="utf-8").replace("\\\n", " ")
        for name in re.findall(r"^#define (CXB_\w+(?:\([^)]*\))?)", text, flags=re.M):
            if "_DETAIL_" not in name:
                found.setdefault(module, set()).add(f"#define {' '.join(name.split())}")
    return found


def documents(text):
    """The dump is one JSON document after another."""
    decoder = json.JSONDecoder()
    at = 0
    while True:
        at = text.find("{", at)
        if at < 0:
            return
        value, at = decoder.raw_decode(text, at)
        yield value


def current(compiler):
    modules = sorted({header.split("/")[1] for header in headers() if header.count("/") > 1})
    source = "".join(f'#include "{header}"\n' for header in headers())
    run = subprocess.run(
        [compiler, "-std=c++20", "-fsyntax-only", "-w", "-DBOOST_ASIO_SEPARATE_COMPILATION",
         "-DBOOST_ASIO_NO_DEPRECATED", f"-I{INCLUDE}", "-x", "c++", "-", "-Xclang",
         "-ast-dump=json", "-Xclang", "-ast-dump-filter=cxb"],
        input=source, text=True, stdout=subprocess.PIPE, check=True)
    tree = reader(modules)
    for node in documents(run.stdout):
        if node["kind"] == "NamespaceDecl" and node.get("name") == "cxb":
            tree.namespace(node, [])
    for module, lines in macros().items():
        tree.lines[module] |= lines
    return {module: lines for module, lines in tree.lines.items() if lines}


def recorded():
    return {file.stem: {line for line in file.read_text(encoding="utf-8").splitlines()
                        if not line.startswith("# ")} for file in LISTING.glob("*.txt")}


def symbol(line):
    """`virtual worker::x::run : void ()` -> `worker::x::run`"""
    if line.startswith("#define "):
        return line.removeprefix("#define ").split("(")[0]
    line = re.sub(r"^template<.*?> (?=[\w:~])", "", line)
    words = {"virtual", "pure", "static", "enum", "struct", "class", "union", "using", "concept"}
    return next(word for word in line.split() if word not in words)


def unreleased(changelog):
    found = re.search(r"^## \[Unreleased\]$(.*?)(?=^## |\Z)", changelog, flags=re.M | re.S)
    return found.group(1) if found else ""


def broken(old, new, changelog):
    """Declarations of the listing that are gone without a word in the change log."""
    said = set(re.findall(r"`([^`]+)`", unreleased(changelog)))
    return [(module, line) for module in sorted(old)
            for line in sorted(old[module] - new.get(module, set())) if symbol(line) not in said]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compiler", default="clang++-19")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    old, new = recorded(), current(options.compiler)
    gone = broken(old, new, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    for module, line in gone:
        print(f"{module}: gone or changed, and CHANGELOG.md does not name `{symbol(line)}`: {line}")
    if gone:
        return 1
    if options.check:
        for module in sorted(old.keys() | new.keys()):
            for line in sorted(new.get(module, set()) ^ old.get(module, set())):
                print(f"{module}: not as in docs/api, run scripts/api_listing.py: {line}")
        return 1 if old != new else 0
    LISTING.mkdir(parents=True, exist_ok=True)
    for file in LISTING.glob("*.txt"):
        if file.stem not in new:
            file.unlink()
    for module, lines in new.items():
        text = HEAD.format(module=module) + "".join(f"{line}\n" for line in sorted(lines))
        (LISTING / f"{module}.txt").write_text(text, encoding="utf-8")
    print(f"{sum(len(lines) for lines in new.values())} declarations of {len(new)} modules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
