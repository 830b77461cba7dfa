#include "server/core/process/core_metrics.hpp"

#include <map>
#include <string_view>

namespace cxb::inline v1 {
namespace core {

namespace {

using server::metric_kind;

constexpr server::metric_decl rows[] = {
    {"cxb_core_calls", metric_kind::gauge, "state", "Calls by state"},
    {"cxb_core_calls_total", metric_kind::counter, "transport,disconnected_by", "Finished calls"},
    {"cxb_core_worker_restarts_total", metric_kind::counter, "", "Workers started again"},
    {"cxb_core_worker_flapping", metric_kind::gauge, "", "Workers that die again and again"},
    {"cxb_outbox_entries", metric_kind::gauge, "", "Results not yet delivered"},
    {"cxb_outbox_oldest_seconds", metric_kind::gauge, "", "Age of the oldest of them"},
    {"cxb_outbox_dead_total", metric_kind::counter, "", "Results given up since the start"},
    {"cxb_outbox_delivered_total", metric_kind::counter, "", "Results delivered since the start"}};

struct family {
    std::string head;
    std::string samples;
};

std::string labelled(std::string_view line, std::string const& worker) {
    auto const at = line.find_first_of("{ ");
    if (at == std::string_view::npos || worker.empty()) return std::string(line);
    std::string out(line.substr(0, at));
    out += "{worker=\"" + worker + '"';
    if (line[at] == '{')
        out += ',' + std::string(line.substr(at + 1));
    else
        out += '}' + std::string(line.substr(at));
    return out;
}

}  // namespace

std::span<server::metric_decl const> core_metrics() noexcept {
    return rows;
}

std::string merge_expositions(std::vector<std::pair<std::string, std::string>> const& by_worker) {
    std::map<std::string, family> families;
    for (auto const& [worker, text] : by_worker) {
        family* current = nullptr;
        bool first = false;
        std::string_view rest = text;
        while (!rest.empty()) {
            auto const end = rest.find('\n');
            auto const line = rest.substr(0, end);
            rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
            if (line.starts_with("# HELP ")) {
                auto const name = line.substr(7, line.find(' ', 7) - 7);
                current = &families[std::string(name)];
                first = current->head.empty();
            }
            if (current == nullptr || line.empty()) continue;
            if (line.starts_with('#')) {
                if (first) current->head += std::string(line) + '\n';
            } else {
                current->samples += labelled(line, worker) + '\n';
            }
        }
    }
    std::string out;
    for (auto const& [name, one] : families)
        out += one.head + one.samples;
    return out;
}

}  // namespace core
}  // namespace cxb::inline v1
