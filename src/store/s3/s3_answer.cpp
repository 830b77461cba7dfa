#include "src/store/s3/s3_answer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cxb/store/s3/s3_bucket.hpp"

namespace cxb::inline v1 {
namespace store {

namespace asio = boost::asio;

namespace {

constexpr std::size_t longest_word = 64;

struct entity {
    std::string_view name;
    std::string_view text;
};
constexpr entity entities[] = {{"&quot;", "\""}, {"&#34;", "\""}, {"&apos;", "'"}, {"&#39;", "'"},
                               {"&lt;", "<"},    {"&gt;", ">"},   {"&amp;", "&"}};

std::string unescaped(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        auto const known = std::ranges::find_if(
            entities, [&](auto const& each) { return text.starts_with(each.name); });
        bool const found = known != std::end(entities);
        out += found ? known->text : text.substr(0, 1);
        text.remove_prefix(found ? known->name.size() : 1);
    }
    return out;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (char const c : text) {
        auto const known = std::ranges::find_if(entities, [&](auto const& each) {
            return each.text.front() == c && !each.name.starts_with("&#");
        });
        if (known != std::end(entities))
            out += known->name;
        else
            out.push_back(c);
    }
    return out;
}

}  // namespace

std::string element_text(std::string_view xml, std::string_view name) {
    std::string const open = "<" + std::string(name) + ">";
    auto const at = xml.find(open);
    if (at == std::string_view::npos) return {};
    auto const rest = xml.substr(at + open.size());
    return unescaped(rest.substr(0, rest.find('<')));
}

std::string completion_of(std::vector<std::string> const& etags) {
    std::string out = "<CompleteMultipartUpload>";
    for (std::size_t i = 0; i < etags.size(); ++i)
        out += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" +
               escaped(etags[i]) + "</ETag></Part>";
    return out + "</CompleteMultipartUpload>";
}

error refusal_of(int status, std::string_view body) {
    auto word = element_text(body, "Code");
    if (word.size() > longest_word) word.resize(longest_word);
    auto const told = [&](errc code, std::string detail) {
        return error{code, std::move(detail)}.with_status(status).with_request_sent(
            sent_state::yes);
    };
    bool const object_missing = word.empty() || word == "NoSuchKey" || word == "NoSuchVersion";
    if (status == 404 && object_missing) return told(errc::not_found, "Object not found");
    if (status == 412) return told(errc::precondition_failed, "Object has changed");
    return told(errc::unavailable, "Object store answered " + std::to_string(status) +
                                       (word.empty() ? "" : " " + word));
}

asio::awaitable<result<std::string>> next_piece(std::shared_ptr<wire::body_stream> from) {
    auto const executor = co_await asio::this_coro::executor;
    for (;;) {
        std::string piece;
        auto const more = from->next(piece);
        if (!more) co_return more.error();
        if (!piece.empty() || !*more) co_return piece;
        auto const waiting = std::make_shared<asio::steady_timer>(
            executor, from->when_ready
                          ? asio::steady_timer::time_point::max()
                          : asio::steady_timer::clock_type::now() + std::chrono::milliseconds{25});
        if (from->when_ready)
            from->when_ready(
                [waiting, executor] { asio::post(executor, [waiting] { waiting->cancel(); }); });
        co_await waiting->async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

}  // namespace store
}  // namespace cxb::inline v1
