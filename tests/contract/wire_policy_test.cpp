// The rules of spec 10 §1.2 and §1.3 for every document type: how each treats unknown members, and
// where each of its limits is.

#include <gtest/gtest.h>

#include <map>

#include "case_files.hpp"
#include "cxb/base/limits.hpp"
#include "cxb/contract/media_ws/audio.hpp"

namespace {

using namespace cxb;
using namespace contract_cases;
using wire::unknown_rule;

unknown_rule wanted_rule(document_type const& type) {
    static std::map<std::string_view, unknown_rule> const kept{
        {"call_results", unknown_rule::collect},
        {"transcript_item", unknown_rule::keep_in_place},
        {"event_item", unknown_rule::keep_in_place},
        {"enqueue_request", unknown_rule::collect},
        {"desk_events", unknown_rule::collect},
        {"desk_transcript", unknown_rule::collect},
        {"desk_recording", unknown_rule::collect},
        {"customer_disconnected", unknown_rule::collect},
        {"cdr", unknown_rule::keep_in_place},
        {"dialler_connected", unknown_rule::keep_in_place},
        {"connected_event", unknown_rule::keep_in_place},
    };
    auto const found = kept.find(type.name);
    return found == kept.end() ? unknown_rule::ignore : found->second;
}

TEST(WirePolicy, UnknownMembersByContract) {
    for (auto const& type : contract::document_types())
        EXPECT_EQ(type.table().spec().unknown, wanted_rule(type)) << type.name;
}

TEST(WirePolicy, CollectedMembersHaveTheirLimit) {
    for (auto const& type : contract::document_types()) {
        auto const& spec = type.table().spec();
        if (spec.unknown != unknown_rule::collect) continue;
        EXPECT_EQ(spec.unknown_name, "ext") << type.name;
        EXPECT_EQ(spec.unknown_bytes, 64 * 1024U) << type.name;
    }
}

// Dialout, attach, dispatch and widget name what they ignored.
TEST(WirePolicy, IgnoredMembersAreTold) {
    for (auto const* name : {"dialout_request", "core_dialout_request", "attach_request",
                             "dispatch_request", "widget_request"}) {
        auto const* type = contract::find_document_type(name);
        ASSERT_NE(type, nullptr) << name;
        auto document = *wire::parse_json(read_file(accepted_documents(*type).front()));
        document.as_object()["zz_new"] = 1;
        document.as_object()["a,b"] = 2;
        std::vector<std::string> ignored;
        EXPECT_TRUE(type->normalise(wire::to_text(document), {.ignored = &ignored})) << name;
        EXPECT_EQ(wire::ignored_fields_header(ignored), "zz_new,a%2Cb") << name;
    }
}

std::size_t wanted_body(document_type const& type) {
    constexpr std::size_t kib = 1024;
    static std::map<std::string_view, std::size_t> const stated{
        {"runtime_config", 1024 * kib},
        {"call_results", 8192 * kib},
        {"cdr", 256 * kib},
        {"enqueue_request", 1024 * kib},
        {"dialout_request", 256 * kib},
        {"core_dialout_request", 256 * kib},
        {"attach_request", 256 * kib},
        {"dispatch_request", 256 * kib},
        {"widget_request", 256 * kib},
        {"fleet_health", 64 * kib},
        {"worker_health", 64 * kib},
        {"dialler_media", 64 * kib},
        {"exotel_media", 64 * kib},
        {"dialler_reverse_media", 64 * kib},
        {"exotel_sent_media", 160 * kib},
    };
    auto const found = stated.find(type.name);
    return found == stated.end() ? type.max_bytes : found->second;
}

// 10-4: a body may have its limit and not one byte more; blanks count too.
TEST(WirePolicy, BodyLimits) {
    for (auto const& type : contract::document_types()) {
        EXPECT_EQ(type.max_bytes, wanted_body(type)) << type.name;
        auto const text = read_file(accepted_documents(type).front());
        auto const padded = [&](std::size_t bytes) {
            return text + std::string(bytes - text.size(), ' ');
        };
        EXPECT_TRUE(normalise(type, padded(type.max_bytes))) << type.name;
        auto const over = normalise(type, padded(type.max_bytes + 1));
        ASSERT_FALSE(over) << type.name;
        EXPECT_EQ(over.error().code(), errc::too_large) << type.name;
    }
}

// 10-4: 32 levels are read and 33 are not, wherever a document has room for them.
TEST(WirePolicy, DepthLimit) {
    for (auto const& type : contract::document_types()) {
        auto document = *wire::parse_json(read_file(accepted_documents(type).front()));
        auto const nested = [&](std::size_t lists) {
            auto copy = document;
            copy.as_object()["zz_deep"] = 1;
            auto text = wire::to_text(copy);
            auto const at = text.find("\"zz_deep\":1") + std::string("\"zz_deep\":").size();
            return text.replace(at, 1, std::string(lists, '[') + std::string(lists, ']'));
        };
        EXPECT_TRUE(type.normalise(nested(31), {})) << type.name;
        auto const over = type.normalise(nested(32), {});
        ASSERT_FALSE(over) << type.name;
        EXPECT_EQ(over.error().code(), errc::malformed) << type.name;
    }
}

struct member_limit {
    std::string_view type;
    std::string_view member;
    std::size_t bytes;
    std::size_t items;
};
constexpr std::size_t kib = 1024;
constexpr member_limit member_limits[] = {
    {"call_results", "post_call_analysis", 256 * kib, 0},
    {"call_results", "qc_analysis", 256 * kib, 0},
    {"call_results", "pipeline_config", 64 * kib, 0},
    {"call_results", "connected_event", 64 * kib, 0},
    {"call_results", "transcript", 0, 5000},
    {"call_results", "events", 0, 10000},
    {"call_results", "latency_samples", 0, 2000},
    {"call_results", "usage_metrics", 0, 5000},
    {"event_item", "data", 16 * kib, 0},
    {"transcript_item", "content", 16 * kib, 0},
    {"runtime_config", "conversation_policy", 64 * kib, 0},
    {"runtime_config", "tools", 0, 32},
    {"runtime_config", "transfer_targets", 0, 64},
    {"attach_request", "connected_event", 64 * kib, 0},
    {"dialout_request", "connected_event", 64 * kib, 0},
    {"dialout_request", "variables", 64 * kib, 0},
    {"core_dialout_request", "connected_event", 64 * kib, 0},
    {"enqueue_request", "variables", 64 * kib, 0},
    {"enqueue_request", "context", 64 * kib, 0},
    {"enqueue_request", "transcript", 0, 500},
    {"enqueue_request", "required_skills", 64, 10},
    {"desk_events", "events", 0, 100},
    {"desk_transcript", "turns", 0, 200},
};

TEST(WirePolicy, MemberLimits) {
    for (auto const& limit : member_limits) {
        auto const* type = contract::find_document_type(limit.type);
        ASSERT_NE(type, nullptr) << limit.type;
        auto const fields = type->table().fields();
        auto const found = std::ranges::find(fields, limit.member, &wire::field_info::name);
        ASSERT_NE(found, fields.end()) << limit.type << "." << limit.member;
        if (limit.bytes != 0)
            EXPECT_EQ(found->max_bytes, limit.bytes) << limit.type << "." << limit.member;
        EXPECT_EQ(found->max_items, limit.items) << limit.type << "." << limit.member;
    }
}

// What a table says is what its reader does: an object of exactly the limit, and one byte more.
TEST(WirePolicy, RawMembersOverTheirLimitAreFaults) {
    for (auto const& limit : member_limits) {
        if (limit.bytes == 0 || limit.items != 0 || limit.member == "content") continue;
        auto const* type = contract::find_document_type(limit.type);
        auto document = *wire::parse_json(read_file(accepted_documents(*type).front()));
        for (auto const* other : {"variables", "connected_event"})
            if (limit.type == "dialout_request") document.as_object().erase(other);
        auto const with = [&](std::size_t bytes) {
            constexpr std::size_t frame = std::string_view(R"({"x":""})").size();
            document.as_object()[limit.member] =
                wire::json_object{{"x", std::string(bytes - frame, 'y')}};
            return type->normalise(wire::to_text(document), {});
        };
        EXPECT_TRUE(with(limit.bytes)) << limit.type << "." << limit.member;
        auto const over = with(limit.bytes + 1);
        ASSERT_FALSE(over) << limit.type << "." << limit.member;
        ASSERT_EQ(over.error().code(), errc::invalid);
        EXPECT_EQ(over.error().faults().at(0).pointer, "/" + std::string(limit.member));
    }
}

// Strings are at most 1024 bytes unless a contract says otherwise; open words 64.
TEST(WirePolicy, TextsHaveABound) {
    for (auto const& type : contract::document_types()) {
        for (auto const& field : type.table().fields()) {
            if (field.type == "str" || field.type == "open word" || field.type == "map")
                EXPECT_GT(field.max_bytes, 0U) << type.name << "." << field.name;
            if (field.type == "open word")
                EXPECT_EQ(field.max_bytes, 64U) << type.name << "." << field.name;
            if (field.type.starts_with("raw"))
                EXPECT_GT(field.max_bytes, 0U) << type.name << "." << field.name;
        }
    }
}

TEST(WirePolicy, FaultsEndAtFifty) {
    auto const* type = contract::find_document_type("call_results");
    ASSERT_NE(type, nullptr);
    wire::json_array bad(60, wire::json_value(7));
    auto const out = type->normalise(
        wire::to_text(wire::json_object{{"session_id", "s"}, {"events", std::move(bad)}}), {});
    ASSERT_FALSE(out);
    auto const cause = out.error();
    ASSERT_EQ(cause.faults().size(), 51U);
    EXPECT_EQ(cause.faults().back().pointer, "");
    EXPECT_EQ(cause.faults().back().reason, "more faults not shown");
}

}  // namespace
