#include "src/worker/host_answers.hpp"

#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace {

std::string text_member(std::string_view body, std::initializer_list<std::string_view> names) {
    auto const parsed = wire::parse_json(body);
    if (!parsed || !parsed->is_object()) return {};
    for (auto const name : names)
        if (auto const found = wire::text_at(parsed->as_object(), name); !found.empty())
            return std::string(found);
    return {};
}

}  // namespace

std::string problem_detail(std::string_view body) {
    return text_member(body, {"detail", "error"});
}

std::string problem_code(std::string_view body) {
    return text_member(body, {"code", "detail", "error"});
}

wire::http_response json_answer(int status, std::string body) {
    wire::http_response out;
    out.status = status;
    out.headers.set("Content-Type", "application/json");
    out.body = std::move(body);
    return out;
}

}  // namespace worker
}  // namespace cxb::inline v1
