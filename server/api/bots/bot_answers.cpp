#include "server/api/bots/bot_answers.hpp"

#include <charconv>

#include "server/api/services.hpp"
#include "server/common/http/etag.hpp"
#include "server/common/http/problem.hpp"

namespace cxb::api {

bot_directory& bots_of(server::request_context& context) {
    return *context.service<api_services>().bots;
}

wire::http_response saved_bot_response(int status, saved_bot const& saved) {
    wire::json_object shown = shown_bot(saved.bot->stored);
    shown["locked"] = false;
    shown["locked_by"] = wire::json_array{};
    shown["warnings"] = wire::json_array(saved.warnings.begin(), saved.warnings.end());
    auto answer = server::json_response(status, shown);
    answer.headers.set("ETag", server::version_etag(saved.bot->version));
    return answer;
}

std::optional<std::int64_t> read_version(std::string_view text) noexcept {
    std::int64_t out = 0;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), out);
    bool const whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    return whole && out >= 0 ? std::optional(out) : std::nullopt;
}

}  // namespace cxb::api
