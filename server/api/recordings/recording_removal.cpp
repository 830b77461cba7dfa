#include "server/api/recordings/recording_removal.hpp"

#include <set>

#include "cxb/base/ids.hpp"
#include "cxb/domain/recording_key.hpp"
#include "server/api/recordings/recording_library.hpp"
#include "server/common/jobs/job.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::api {
namespace {

constexpr int removal_attempts = 100;  // the last ones an hour apart

}  // namespace

bool is_recording_removed(wire::json_object const& call) noexcept {
    return !wire::text_at(call, recording_removed_at).empty();
}

std::vector<std::string> recording_objects(wire::json_object const& call) {
    std::set<std::string> keys;
    if (auto const key = domain::recording_key_of(wire::text_at(call, "recording_key"),
                                                  wire::text_at(call, "recording_url")))
        keys.insert(*key);
    auto const began = parse_timestamp(wire::text_at(call, "created_at"));
    if (began) {
        auto key = domain::make_recording_key(wire::text_at(call, "session_id"), *began);
        if (domain::is_recording_key(key)) keys.insert(std::move(key));
    }
    return {keys.begin(), keys.end()};
}

void add_removal(store::batch& writes, removal_order order, time_point now, random_source& random) {
    if (order.objects.empty()) return;
    server::job_spec spec;
    spec.kind = removal_kind;
    spec.session_id = std::move(order.session_id);
    spec.key = std::move(order.key);
    spec.payload = {{"keys", wire::json_array(order.objects.begin(), order.objects.end())}};
    spec.max_attempts = removal_attempts;
    writes.insert(server::jobs, server::make_job(std::move(spec), now, random),
                  std::move(order.label));
}

std::string fresh_removal_key(time_point now, random_source& random) {
    return "retention:" + make_uuid7(now, random);
}

boost::asio::awaitable<server::job_verdict> remove_recordings(recording_library& recordings,
                                                              server::job_context job) {
    auto const* keys = job.payload().if_contains("keys");
    if (keys == nullptr || !keys->is_array())
        co_return server::job_verdict::dead(0, "payload unreadable");
    for (auto const& key : keys->get_array()) {
        if (!key.is_string()) continue;
        auto const gone = co_await recordings.remove(std::string(key.get_string()));
        CXB_FAIL_POINT("recordings.removed");
        if (!gone) co_return server::job_verdict::retry({}, 0, gone.error().detail());
    }
    co_return server::job_verdict::done();
}

}  // namespace cxb::api
