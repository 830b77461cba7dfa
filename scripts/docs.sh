#!/usr/bin/env bash
# Writes the reference of the library from its public headers, with the guides and the pages of
# the contracts: build/docs/html/index.html.
#
#   scripts/docs.sh [OUTPUT_DIR]
#
# A warning about a public header is an error. Needs doxygen: scripts/setup.sh --with-docs.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
output=$(mkdir -p "${1:-$root/build/docs}" && cd "${1:-$root/build/docs}" && pwd)
command -v doxygen >/dev/null || {
    echo "doxygen is missing: scripts/setup.sh --with-docs" >&2
    exit 1
}
cd "$root"
version=$(sed -n 's/^#define CXB_VERSION_STRING "\(.*\)"/\1/p' include/cxb/version.hpp)

# Links inside a page and to files of the repository are for readers of the repository.
doxygen - <<EOF
PROJECT_NAME = "CX Bridge SDK"
PROJECT_NUMBER = $version
OUTPUT_DIRECTORY = $output
INPUT = include/cxb docs/reference.md docs/guides docs/contracts
USE_MDFILE_AS_MAINPAGE = docs/reference.md
FILE_PATTERNS = *.hpp *.md
RECURSIVE = YES
FILTER_PATTERNS = "*.md=sed -E -e 's/\[([^]]*)\]\((#|\.\.)[^)]*\)/\1/g' -e 's/(\.md)#[^)]*/\1/g'"
STRIP_FROM_PATH = include
STRIP_FROM_INC_PATH = include
EXCLUDE_SYMBOLS = cxb::*::detail cxb::detail
ENABLE_PREPROCESSING = YES
MACRO_EXPANSION = YES
EXPAND_ONLY_PREDEF = YES
PREDEFINED = CXB_EXPORT_BEGIN= CXB_EXPORT_END= "CXB_WIRE_DECLARE(type)=" "CXB_WIRE_DECLARE_PART(type)="
INLINE_INHERITED_MEMB = NO
EXTRACT_ALL = YES
JAVADOC_AUTOBRIEF = YES
AUTOLINK_SUPPORT = NO
MARKDOWN_SUPPORT = YES
TOC_INCLUDE_HEADINGS = 2
SORT_MEMBER_DOCS = NO
SHOW_INCLUDE_FILES = YES
GENERATE_LATEX = NO
HTML_TIMESTAMP = NO
HTML_COLORSTYLE_SAT = 40
GENERATE_TREEVIEW = YES
DISABLE_INDEX = NO
SEARCHENGINE = YES
HAVE_DOT = NO
QUIET = YES
WARNINGS = YES
WARN_AS_ERROR = FAIL_ON_WARNINGS
WARN_LOGFILE = $output/warnings.txt
EOF
echo "$output/html/index.html"
