#include "corpus_files.hpp"

#include <fstream>

#include "case_files.hpp"
#include "cxb/base/crypto.hpp"

namespace contract_cases {

namespace fs = std::filesystem;
using namespace cxb;

fs::path corpus() {
    return root() / "corpus" / "v1";
}

std::map<std::string, std::string> manifest(fs::path const& corpus) {
    std::map<std::string, std::string> out;
    std::ifstream lines(corpus / "MANIFEST.sha256");
    std::string hash;
    std::string name;
    while (lines >> hash >> name)
        out[name] = hash;
    return out;
}

std::vector<std::string> manifest_faults(fs::path const& corpus) {
    std::vector<std::string> out;
    auto const listed = manifest(corpus);
    if (listed.empty()) out.push_back("MANIFEST.sha256 lists nothing");
    for (auto const& [name, hash] : listed) {
        if (!fs::exists(corpus / name))
            out.push_back(name + " is gone; the corpus only grows");
        else if (sha256_hex(read_file(corpus / name)) != hash)
            out.push_back(name + " changed; add a new document instead");
    }
    for (auto const& entry : fs::recursive_directory_iterator(corpus)) {
        if (!entry.is_regular_file() || entry.path().filename() == "MANIFEST.sha256") continue;
        auto const name = fs::relative(entry.path(), corpus).generic_string();
        if (!listed.contains(name)) out.push_back(name + " is not in MANIFEST.sha256");
    }
    return out;
}

void add_new_documents(fs::path const& corpus) {
    for (auto const& type : contract::document_types()) {
        for (auto const& file : documents_in(corpus / type.name)) {
            auto expected = file;
            expected.replace_extension(".expected.json");
            if (!fs::exists(expected))
                std::ofstream(expected, std::ios::binary)
                    << wire::to_text(normalised_value(type, read_file(file))) << "\n";
        }
    }
    auto listed = manifest(corpus);
    for (auto const& entry : fs::recursive_directory_iterator(corpus)) {
        if (entry.path().extension() != ".json") continue;
        auto const name = fs::relative(entry.path(), corpus).generic_string();
        listed.try_emplace(name, sha256_hex(read_file(entry.path())));
    }
    std::ofstream out(corpus / "MANIFEST.sha256", std::ios::binary);
    for (auto const& [name, hash] : listed)
        out << hash << "  " << name << "\n";
}

}  // namespace contract_cases
