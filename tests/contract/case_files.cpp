#include "case_files.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <ostream>

namespace cxb::contract {
void PrintTo(document_type const& type, std::ostream* out) {
    *out << type.name;
}
}  // namespace cxb::contract

namespace contract_cases {

namespace fs = std::filesystem;
using namespace cxb;

fs::path root() {
    return fs::path(CXB_SOURCE_DIR) / "tests" / "contract";
}

std::string read_file(fs::path const& file) {
    std::ifstream in(file, std::ios::binary);
    EXPECT_TRUE(in.good()) << file;
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<fs::path> documents_in(fs::path const& folder) {
    std::vector<fs::path> out;
    if (!fs::exists(folder)) return out;
    for (auto const& entry : fs::directory_iterator(folder)) {
        auto const name = entry.path().filename().string();
        if (name.ends_with(".json") && !name.ends_with(".expected.json"))
            out.push_back(entry.path());
    }
    std::ranges::sort(out);
    return out;
}

std::vector<fs::path> accepted_documents(document_type const& type) {
    auto out = documents_in(root() / "cases" / type.name / "accept");
    auto const corpus = documents_in(root() / "corpus" / "v1" / type.name);
    out.insert(out.end(), corpus.begin(), corpus.end());
    return out;
}

std::vector<std::string> folders_in(fs::path const& folder) {
    std::vector<std::string> out;
    for (auto const& entry : fs::directory_iterator(folder))
        if (entry.is_directory()) out.push_back(entry.path().filename().string());
    std::ranges::sort(out);
    return out;
}

std::string missing_in(wire::json_value const& expected, wire::json_value const& actual,
                       std::string const& pointer) {
    auto const here = pointer.empty() ? std::string("(document)") : pointer;
    if (expected.is_object() && actual.is_object()) {
        for (auto const& member : expected.get_object()) {
            auto const at = wire::append_pointer(pointer, member.key());
            auto const* found = actual.get_object().if_contains(member.key());
            if (found == nullptr) return at + " is gone";
            if (auto fault = missing_in(member.value(), *found, at); !fault.empty()) return fault;
        }
        return {};
    }
    if (expected.is_array() && actual.is_array()) {
        auto const& a = expected.get_array();
        auto const& b = actual.get_array();
        if (a.size() != b.size()) return here + " has another length";
        for (std::size_t i = 0; i < a.size(); ++i) {
            auto fault = missing_in(a[i], b[i], wire::append_pointer(pointer, std::to_string(i)));
            if (!fault.empty()) return fault;
        }
        return {};
    }
    return wire::to_canonical(expected) == wire::to_canonical(actual)
               ? std::string{}
               : here + " is " + wire::to_text(actual) + " instead of " + wire::to_text(expected);
}

result<std::string> normalise(document_type const& type, std::string const& text) {
    return type.normalise(text, {.max_bytes = type.max_bytes});
}

wire::json_value normalised_value(document_type const& type, std::string const& text) {
    auto const out = normalise(type, text);
    EXPECT_TRUE(out) << type.name << ": " << out.error().to_log_text() << "\n" << text;
    if (!out) return nullptr;
    auto const value = wire::parse_json(*out);
    EXPECT_TRUE(value) << type.name << " wrote no JSON: " << *out;
    return value ? *value : wire::json_value{};
}

}  // namespace contract_cases
