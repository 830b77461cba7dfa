#include "src/testing/request_book.hpp"

#include <algorithm>

#include "cxb/worker/call_start.hpp"

namespace cxb::inline v1 {
namespace testing {

wire::http_response refused(error const& cause, int status) {
    auto out = worker::start_refusal(cause, "");
    if (status == 0) return out;
    out.status = status;
    if (auto body = wire::parse_json(out.body); body && body->is_object()) {
        body->as_object()["status"] = status;
        out.body = wire::to_text(*body);
    }
    return out;
}

void request_book::fail(scripted_failure rule) {
    std::lock_guard const lock(mutex_);
    failures_.push_back(std::move(rule));
}

void request_book::clear_failures() {
    std::lock_guard const lock(mutex_);
    failures_.clear();
}

std::optional<wire::http_response> request_book::scripted(wire::http_request const& request) {
    std::lock_guard const lock(mutex_);
    auto const found = std::ranges::find_if(failures_, [&](scripted_failure const& rule) {
        return request.path.starts_with(rule.path) &&
               request.body.find(rule.body_has) != std::string::npos;
    });
    if (found == failures_.end()) return std::nullopt;
    auto out = refused(error{errc::internal, found->detail}, found->status);
    for (auto const& [name, value] : found->headers.items())
        out.headers.add(name, value);
    if (found->times > 0 && --found->times == 0) failures_.erase(found);
    return out;
}

void request_book::note(wire::http_request request, int status) {
    {
        std::lock_guard const lock(mutex_);
        seen_.push_back({std::move(request), status});
    }
    changes_.tell();
}

void request_book::tell() {
    changes_.tell();
}

std::vector<seen_request> request_book::requests(std::string_view path) const {
    std::lock_guard const lock(mutex_);
    std::vector<seen_request> out;
    std::ranges::copy_if(seen_, std::back_inserter(out), [path](seen_request const& one) {
        return one.request.path.starts_with(path);
    });
    return out;
}

bool request_book::wait_until(std::function<bool()> const& done,
                              std::chrono::milliseconds at_most) const {
    return changes_.wait_until(done, at_most);
}

}  // namespace testing
}  // namespace cxb::inline v1
