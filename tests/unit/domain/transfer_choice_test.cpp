#include "cxb/domain/transfer_choice.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;
using contract::runtime_config::transfer_method;
using contract::runtime_config::transfer_target;
using contract::runtime_config::transfer_type;

transfer_target target(std::string id, std::string label, transfer_method method,
                       transfer_type type, std::string value, bool is_default = false) {
    transfer_target out;
    out.id = std::move(id);
    out.label = std::move(label);
    out.method = method;
    out.type = type;
    out.value = std::move(value);
    out.is_default = is_default;
    return out;
}

std::vector<transfer_target> example() {
    return {
        target("a1", "A", transfer_method::agent_desk, transfer_type::agent_queue, "default", true),
        target("b1", "B", transfer_method::livekit_sip_refer, transfer_type::phone_number,
               "+912222")};
}

transfer_numbers const numbers{{"sales", "+911"}};

std::string detail_of(result<transfer_target> const& out) {
    return out ? "chosen " + out->label : out.error().detail();
}

// 10-14: the four choices of the spec.
TEST(TransferChoice, ExamplesOfTheSpec) {
    auto const legacy = choose_target("websocket", "", example(), numbers);
    ASSERT_TRUE(legacy);
    EXPECT_EQ(legacy->label, "sales");
    EXPECT_EQ(legacy->method, transfer_method::websocket_reverse_transfer);
    EXPECT_EQ(legacy->type, transfer_type::phone_number);
    EXPECT_EQ(legacy->value, "+911");
    EXPECT_EQ(choose_target("attach", "", example(), numbers)->label, "A");
    EXPECT_EQ(choose_target("attach", " b ", example(), numbers)->label, "B");
    auto const none = choose_target("exotel", "B", example(), numbers);
    EXPECT_EQ(detail_of(none), "No transfer target \"B\" for exotel: not usable on exotel");
    EXPECT_EQ(none.error().code(), errc::invalid);
}

TEST(TransferChoice, MethodsTypesAndTransports) {
    using m = transfer_method;
    using t = transfer_type;
    struct row {
        m method;
        t type;
        std::string_view transport;
        bool usable;
    };
    for (auto const& [method, type, transport, usable] : std::initializer_list<row>{
             {m::websocket_reverse_transfer, t::extension, "websocket", true},
             {m::websocket_reverse_transfer, t::phone_number, "websocket", true},
             {m::websocket_reverse_transfer, t::sip_uri, "websocket", true},
             {m::websocket_reverse_transfer, t::tel_uri, "websocket", true},
             {m::websocket_reverse_transfer, t::agent_queue, "websocket", false},
             {m::websocket_reverse_transfer, t::extension, "attach", false},
             {m::livekit_sip_refer, t::sip_uri, "livekit_inbound", true},
             {m::livekit_sip_refer, t::tel_uri, "livekit_outbound", true},
             {m::livekit_sip_refer, t::phone_number, "attach", true},
             {m::livekit_sip_refer, t::phone_number, "sip", true},
             {m::livekit_sip_refer, t::extension, "attach", false},
             {m::livekit_sip_refer, t::sip_uri, "websocket", false},
             {m::agent_desk, t::agent_queue, "livekit_inbound", true},
             {m::agent_desk, t::agent_queue, "livekit_outbound", true},
             {m::agent_desk, t::agent_queue, "attach", true},
             {m::agent_desk, t::agent_queue, "websocket", false},
             {m::agent_desk, t::agent_queue, "sip", false},
             {m::agent_desk, t::phone_number, "attach", false},
             {m::livekit_sip_refer, t::sip_uri, "exotel", false},
             {m::agent_desk, t::agent_queue, "widget", false}}) {
        EXPECT_EQ(is_usable_on(transport, target("x", "X", method, type, "v")), usable)
            << word_of(method) << " " << word_of(type) << " on " << transport;
    }
}

TEST(TransferChoice, UnknownWordsAreNeverCandidates) {
    auto odd = target("x", "X", transfer_method::agent_desk, transfer_type::agent_queue, "q");
    odd.method = open_enum<transfer_method>::from_text("carrier_pigeon");
    EXPECT_FALSE(is_usable_on("attach", odd));
}

TEST(TransferChoice, IdBeatsLabel) {
    auto targets = example();
    targets.push_back(target("A", "other", transfer_method::livekit_sip_refer,
                             transfer_type::sip_uri, "sip:x@y"));
    EXPECT_EQ(choose_target("attach", "A", targets, {})->label, "other");
    EXPECT_EQ(choose_target("attach", "a", targets, {})->label, "A");
}

TEST(TransferChoice, RequestedLegacyNumber) {
    transfer_numbers const many{{"Front Desk", "sip:desk@pbx"}, {"tel", "tel:+914"}};
    auto const sip = choose_target("attach", "front desk", {}, many);
    ASSERT_TRUE(sip);
    EXPECT_EQ(sip->type, transfer_type::sip_uri);
    EXPECT_EQ(sip->method, transfer_method::livekit_sip_refer);
    EXPECT_EQ(choose_target("websocket", "TEL", {}, many)->type, transfer_type::tel_uri);
    EXPECT_EQ(detail_of(choose_target("exotel", "tel", {}, many)),
              "No transfer target \"tel\" for exotel");
    EXPECT_EQ(detail_of(choose_target("widget", "", {}, many)), "No transfer target");
}

TEST(TransferChoice, DisabledOnes) {
    auto targets = example();
    targets[1].enabled = false;
    EXPECT_EQ(detail_of(choose_target("attach", "B", targets, numbers)),
              "No transfer target \"B\" for attach: disabled");
    targets[0].enabled = false;
    EXPECT_EQ(choose_target("attach", "", targets, numbers)->label, "sales");
}

TEST(TransferChoice, NothingRequested) {
    auto targets = example();
    targets[0].is_default = false;
    EXPECT_EQ(choose_target("attach", "", targets, numbers)->label, "A") << "first candidate";
    targets[1].is_default = true;
    EXPECT_EQ(choose_target("attach", "", targets, numbers)->label, "B") << "first default";
    EXPECT_EQ(detail_of(choose_target("websocket", "", targets, {})), "No transfer target");
    EXPECT_EQ(choose_target("attach", "  ", targets, {})->label, "B") << "blank = nothing";
}

TEST(TransferChoice, ReferOfAPhoneNumber) {
    EXPECT_EQ(refer_uri(example()[1]), "tel:+912222");
    EXPECT_EQ(refer_uri(target("x", "X", transfer_method::livekit_sip_refer, transfer_type::sip_uri,
                               "sip:a@b")),
              "sip:a@b");
}

}  // namespace
