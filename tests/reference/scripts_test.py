#!/usr/bin/env python3
"""The scripts that guard the reference see what they are there to see."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests" / "guides")]

import api_listing  # noqa: E402
import contract_pages  # noqa: E402
import mark_exports  # noqa: E402
import run_guides  # noqa: E402

LINE = "worker::call_slots::acquire : result<slot> (std::string)"
CHANGES = "# Changes\n\n## [Unreleased]\n\n- {}\n\n## [1.0.0]\n\n- `worker::other::gone`\n"


class ApiListing(unittest.TestCase):
    def broken(self, new, said=""):
        old = {"worker": {LINE}}
        return api_listing.broken(old, {"worker": new}, CHANGES.format(said))

    def test_what_stays_is_no_breach(self):
        self.assertEqual(self.broken({LINE, "worker::more : int ()"}), [])

    def test_what_goes_or_changes_is_one(self):
        changed = LINE.replace("std::string", "std::string_view")
        self.assertEqual(self.broken(set()), [("worker", LINE)])
        self.assertEqual(self.broken({changed}), [("worker", LINE)])

    def test_a_module_that_goes_is_one(self):
        self.assertEqual(api_listing.broken({"worker": {LINE}}, {}, ""), [("worker", LINE)])

    def test_the_unreleased_part_of_the_change_log_allows_it(self):
        self.assertEqual(self.broken(set(), "`worker::call_slots::acquire` is gone"), [])
        self.assertNotEqual(self.broken(set(), "`worker::call_slots` is gone"), [])
        self.assertNotEqual(self.broken(set(), "worker::call_slots::acquire"), [])

    def test_older_parts_do_not(self):
        gone = api_listing.broken({"worker": {"worker::other::gone : void ()"}}, {},
                                  CHANGES.format("nothing"))
        self.assertEqual(len(gone), 1)

    def test_names_of_declarations(self):
        for line, name in (("enum errc", "errc"), ("errc::conflict", "errc::conflict"),
                           ("virtual pure store::x::f : void () const", "store::x::f"),
                           ("template<class T, int> struct wire::tag", "wire::tag"),
                           ("using a::b = std::vector<int>", "a::b"),
                           ("#define CXB_TRY(target, expression)", "CXB_TRY")):
            self.assertEqual(api_listing.symbol(line), name)

    def test_private_members_and_details_are_left_out(self):
        tree = api_listing.reader(["store"])
        text = {"type": {"qualType": "int"}}
        tree.namespace({"kind": "NamespaceDecl", "name": "cxb", "inner": [
            {"kind": "NamespaceDecl", "name": "v1", "inner": [
                {"kind": "NamespaceDecl", "name": "store", "inner": [
                    {"kind": "CXXRecordDecl", "name": "box", "tagUsed": "class",
                     "completeDefinition": True, "inner": [
                         {"kind": "FieldDecl", "name": "hidden", **text},
                         {"kind": "AccessSpecDecl", "access": "public"},
                         {"kind": "FieldDecl", "name": "seen", **text}]},
                    {"kind": "NamespaceDecl", "name": "detail", "inner": [
                        {"kind": "VarDecl", "name": "inside", **text}]}]}]}]}, [])
        self.assertEqual(tree.lines["store"], {"class store::box", "store::box::seen : int"})


class ExportMarks(unittest.TestCase):
    HEADER = ("#pragma once\n#include <string>\n\nnamespace cxb::inline v1 {\nint f();\n"
              "}  // namespace cxb::inline v1\n")

    def test_marks_go_around_the_namespace_once(self):
        marked = mark_exports.marked(self.HEADER)
        self.assertIn("\nCXB_EXPORT_BEGIN\nnamespace cxb::inline v1 {\n", marked)
        self.assertTrue(marked.endswith("}  // namespace cxb::inline v1\nCXB_EXPORT_END\n"))
        self.assertIsNone(mark_exports.marked(marked))

    def test_check_names_a_header_without_marks(self):
        with tempfile.NamedTemporaryFile("w", suffix=".hpp") as file:
            file.write(self.HEADER)
            file.flush()
            ran = subprocess.run([ROOT / "scripts" / "mark_exports.py", "--check", file.name],
                                 check=False, stdout=subprocess.PIPE, text=True)
        self.assertEqual(ran.returncode, 1)
        self.assertIn("no CXB_EXPORT_BEGIN", ran.stdout)


class Pages(unittest.TestCase):
    FIELD = {"name": "wait_ms", "type": "int", "record": "", "presence": "default", "default": "5",
             "null_kept": False, "pattern": "", "words": [], "sensitivity": "secret",
             "aliases": ["wait"], "since": "1.0", "deprecated_since": "", "writer": "",
             "reader": "", "doc": "How long.", "min": 0, "max": 9, "min_bytes": 0, "max_bytes": 0,
             "min_items": 0, "max_items": 0}

    def test_a_row_says_everything_about_its_field(self):
        row = contract_pages.table({"fields": [self.FIELD]}, set())[-1]
        for text in ("`wait_ms`", "int, milliseconds", "0 to 9", "`5`", "secret", "How long.",
                     "`wait`"):
            self.assertIn(text, row)


class Guides(unittest.TestCase):
    def read(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".md") as file:
            file.write(text)
            file.flush()
            return run_guides.read([file.name])

    def test_files_grow_block_by_block_and_commands_keep_their_order(self):
        files, _, commands = self.read(
            "<!-- file: a.txt -->\n```\none\n```\n<!-- run -->\n```sh\nfirst\n```\n"
            "```sh\nnot run\n```\n<!-- file: a.txt -->\n```\ntwo\n```\n<!-- run -->\n```sh\nx\n```\n")
        self.assertEqual(run_guides.filled(files["a.txt"]), ["one", "two"])
        self.assertEqual(commands, ["first\n", "x\n"])

    def test_a_copy_that_differs_is_found(self):
        example = "examples/cpp/settings.hpp"
        text = (ROOT / example).read_text(encoding="utf-8")
        self.assertEqual(run_guides.differing({"a": text}, {"a": example}), [])
        self.assertEqual(len(run_guides.differing({"a": text + "int x;\n"}, {"a": example})), 1)

    def test_a_mark_without_a_block_is_an_error(self):
        with self.assertRaises(SystemExit):
            self.read("<!-- run -->\n\nno block\n")


if __name__ == "__main__":
    unittest.main()
