#include "cxb/contract/runtime_config/call_end.hpp"

namespace cxb::inline v1 {
namespace contract::runtime_config {

using wire::field;
namespace patterns = wire::patterns;
constexpr std::string_view wav_word[] = {"wav"};

constexpr wire::field_row knowledge_rows[] = {
    field<&knowledge::enabled>("enabled").doc("May the bot search?"),
    field<&knowledge::kb_ids>("kb_ids").max_items(20).doc("Bases to search."),
    field<&knowledge::search_url>("search_url").pattern(patterns::url).doc("POST searches here."),
    field<&knowledge::top_k>("top_k").range(1, 10).doc("Most hits."),
    field<&knowledge::score_threshold>("score_threshold").range(0, 1).doc("Least score."),
    field<&knowledge::strict>("strict").doc("No hit: answer the fallback message."),
    field<&knowledge::fallback_message>("fallback_message").doc("Said when nothing was found."),
    field<&knowledge::trigger_instructions>("trigger_instructions")
        .max_bytes(4000)
        .doc("Tells the model when to search."),
    field<&knowledge::timeout_ms>("timeout_ms").range(200, 10000).doc("Whole search."),
};
CXB_WIRE_PART(knowledge, wire::table<knowledge>("Search in knowledge bases.", knowledge_rows))

constexpr wire::field_row desk_rows[] = {
    field<&agent_desk::enabled>("enabled").doc("May the bot hand the call to people?"),
    field<&agent_desk::base_url>("base_url").pattern(patterns::url).doc("Desk ingress."),
    field<&agent_desk::queue>("queue").pattern(patterns::queue_name).doc("Queue."),
    field<&agent_desk::language>("language").max_bytes(35).doc("Language asked for."),
    field<&agent_desk::priority>("priority").range(0, 10).doc("Higher is served first."),
    field<&agent_desk::hold_message>("hold_message").doc("Spoken while the caller waits."),
    field<&agent_desk::hold_audio_url>("hold_audio_url")
        .pattern(patterns::url)
        .doc("Played while the caller waits."),
    field<&agent_desk::timeout_seconds>("timeout_seconds").range(10, 3600).doc("Longest wait."),
};
CXB_WIRE_PART(agent_desk, wire::table<agent_desk>("Hand-off to people.", desk_rows))

constexpr wire::field_row storage_rows[] = {
    field<&recording_storage::kind>("kind").doc("Where the recording goes."),
    field<&recording_storage::upload_url>("upload_url")
        .max_bytes(limits::url)
        .secret()
        .doc("One PUT; itself the permission."),
    field<&recording_storage::upload_headers>("upload_headers")
        .max_items(32)
        .secret()
        .doc("Sent with the PUT."),
    field<&recording_storage::expires_at>("expires_at").doc("End of the upload link."),
    field<&recording_storage::endpoint>("endpoint").doc("S3 endpoint."),
    field<&recording_storage::bucket>("bucket").doc("S3 bucket."),
    field<&recording_storage::region>("region").doc("S3 region."),
    field<&recording_storage::access_key>("access_key").secret().doc("S3 access key."),
    field<&recording_storage::secret_key>("secret_key").secret().doc("S3 secret key."),
    field<&recording_storage::secure>("secure").doc("S3 over TLS?"),
};
void check_storage(recording_storage const& value, wire::fault_sink& sink) {
    if (value.kind == storage_kind::upload_url && !value.upload_url)
        sink.add("/upload_url", "required for kind upload_url");
}
CXB_WIRE_PART(
    recording_storage,
    wire::table<recording_storage>("Where a recording goes.", storage_rows).check<check_storage>())

constexpr wire::field_row recording_rows[] = {
    field<&recording::enabled>("enabled").doc("Is the call recorded?"),
    field<&recording::format>("format").words(wav_word).doc("Always wav."),
    field<&recording::channels>("channels")
        .range(1, 2)
        .doc("1 mixed, 2 = caller left and bot right."),
    field<&recording::key>("key").max_bytes(512).doc("Object key; required when enabled."),
    field<&recording::announcement>("announcement").doc("Spoken before recording starts."),
    field<&recording::storage>("storage").doc("Where it goes."),
};
CXB_WIRE_PART(recording, wire::table<recording>("The recording of the call.", recording_rows))

constexpr wire::field_row cache_rows[] = {
    field<&post_call_cache::name>("name").doc("Name of the cache entry."),
    field<&post_call_cache::ttl_seconds>("ttl_seconds").range(1, 604800).doc("Lifetime."),
    field<&post_call_cache::min_tokens>("min_tokens")
        .range(0, 1000000)
        .doc("Smaller prompts are not cached."),
};
CXB_WIRE_PART(post_call_cache,
              wire::table<post_call_cache>("Cache of the post-call prompts.", cache_rows))

constexpr wire::field_row disposition_rows[] = {
    field<&auto_disposition::DISPOSITION>("DISPOSITION").required().bytes(1, 120).doc("Main word."),
    field<&auto_disposition::SUB_DISPOSITION>("SUB_DISPOSITION").max_bytes(120).doc("Second word."),
    field<&auto_disposition::CALLING_REMARKS>("CALLING_REMARKS").doc("A sentence."),
};
CXB_WIRE_PART(auto_disposition,
              wire::table<auto_disposition>("One automatic disposition.", disposition_rows))

constexpr wire::field_row dispositions_rows[] = {
    field<&auto_dispositions::rnr>("rnr").doc("Nobody spoke until the end."),
    field<&auto_dispositions::voicemail>("voicemail").doc("An answering machine."),
    field<&auto_dispositions::timeout>("timeout").doc("Maximum duration, nobody spoke."),
    field<&auto_dispositions::error>("error").doc("A fault ended the call."),
    field<&auto_dispositions::no_customer_message>("no_customer_message")
        .doc("The customer said nothing."),
};
CXB_WIRE_PART(auto_dispositions,
              wire::table<auto_dispositions>("What a call that is not analysed gets.",
                                             dispositions_rows))

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
