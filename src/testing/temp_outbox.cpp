#include "cxb/testing/temp_outbox.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace cxb::inline v1 {
namespace testing {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> files_with(fs::path const& folder, std::string_view suffix) {
    std::vector<fs::path> out;
    std::error_code ec;
    for (auto const& item : fs::directory_iterator(folder, ec))
        if (item.path().extension() == suffix) out.push_back(item.path());
    std::ranges::sort(out);
    return out;
}

}  // namespace

worker::result_outbox::options temp_outbox::options(client::transport& net) const {
    worker::result_outbox::options out;
    out.root = root();
    out.worker_id = worker_id_;
    out.transport = &net;
    out.disk.lock_wait = std::chrono::milliseconds{0};
    return out;
}

std::vector<kept_entry> temp_outbox::waiting() const {
    std::vector<kept_entry> out;
    for (auto const& path : files_with(folder() / "new", ".entry")) {
        std::ifstream file(path, std::ios::binary);
        if (!file) continue;
        std::string const text{std::istreambuf_iterator<char>(file), {}};
        auto const end = std::min(text.find('\n'), text.size());
        kept_entry one;
        one.name = path.filename().string();
        one.body = text.substr(std::min(end + 1, text.size()));
        if (auto const head = wire::parse_json(std::string_view(text).substr(0, end));
            head && head->is_object())
            one.header = head->as_object();
        out.push_back(std::move(one));
    }
    return out;
}

std::vector<worker::dead_entry> temp_outbox::dead() const {
    return worker::list_dead(folder());
}

std::vector<std::string> temp_outbox::journals() const {
    std::vector<std::string> out;
    for (auto const& path : files_with(folder() / "calls", ".json"))
        out.push_back(path.stem().string());
    return out;
}

}  // namespace testing
}  // namespace cxb::inline v1
