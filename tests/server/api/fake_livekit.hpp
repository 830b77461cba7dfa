#pragma once
// A fake LiveKit: the SIP part of its Twirp API over real HTTP, with trunks and rules in memory. It
// takes only members that the published protobuf messages have, and only tokens that may manage
// SIP. What the real server does with the same requests, carriers_livekit_test asks it.
#include <algorithm>
#include <set>

#include "cxb/base/clock.hpp"
#include "cxb/wire/jws.hpp"
#include "server/api/api_fixture.hpp"

namespace cxb::api::test {

class fake_livekit {
  public:
    static constexpr char const* key = "test-key";
    static constexpr char const* secret_text = "secret-of-the-fake-livekit-server";
    using objects = std::map<std::string, json_object>;
    // Answers instead of the fake, or lets it answer.
    using hook = std::function<std::optional<wire::http_response>(std::string const& method)>;

    [[nodiscard]] std::string url() const { return "ws" + server_.url().substr(4); }
    [[nodiscard]] server::livekit_settings settings() const {
        return {url(), key, secret(secret_text)};
    }
    // Asked before anything is done; the answer of `after` hides what was done.
    void before(hook what) { set(before_, std::move(what)); }
    void after(hook what) { set(after_, std::move(what)); }
    void camel(bool on) {
        std::scoped_lock const lock(mutex_);
        camel_ = on;
    }

    [[nodiscard]] objects inbound() const { return copy_of("SIPInboundTrunk"); }
    [[nodiscard]] objects outbound() const { return copy_of("SIPOutboundTrunk"); }
    [[nodiscard]] objects rules() const { return copy_of("SIPDispatchRule"); }
    [[nodiscard]] std::size_t held() const {
        return inbound().size() + outbound().size() + rules().size();
    }
    // Somebody else's work.
    std::string put(std::string const& noun, json_object what) {
        std::scoped_lock const lock(mutex_);
        return store(noun, std::move(what));
    }
    void lose(std::string const& id) {
        std::scoped_lock const lock(mutex_);
        for (auto& [noun, all] : held_)
            all.erase(id);
    }
    // Methods asked, in order.
    [[nodiscard]] std::vector<std::string> methods() const {
        std::vector<std::string> out;
        for (auto const& each : server_.requests())
            out.push_back(each.path.substr(std::string_view("/twirp/livekit.SIP/").size()));
        return out;
    }
    [[nodiscard]] int count(std::string const& method) const {
        auto const all = methods();
        return static_cast<int>(std::ranges::count(all, method));
    }
    // What a LiveKit of the published protocol would not have taken.
    [[nodiscard]] std::vector<std::string> faults() const {
        std::scoped_lock const lock(mutex_);
        return faults_;
    }
    static wire::http_response refusal(int status, std::string const& code,
                                       std::string const& message) {
        return json_reply(status, wire::to_text(json_object{{"code", code}, {"msg", message}}));
    }

  private:
    using names = std::set<std::string, std::less<>>;
    static names const& members(std::string const& noun) {
        static std::map<std::string, names> const known = {
            {"SIPInboundTrunk",
             {"name", "metadata", "numbers", "allowed_addresses", "allowed_numbers",
              "auth_username", "auth_password", "auth_realm", "headers", "headers_to_attributes",
              "attributes_to_headers", "include_headers", "ringing_timeout", "max_call_duration",
              "krisp_enabled", "media"}},
            {"SIPOutboundTrunk",
             {"name", "metadata", "address", "destination_country", "transport", "numbers",
              "auth_username", "auth_password", "headers", "headers_to_attributes",
              "attributes_to_headers", "include_headers", "media", "from_host"}},
            {"SIPDispatchRule",
             {"name", "metadata", "rule", "trunk_ids", "hide_phone_number", "inbound_numbers",
              "numbers", "attributes", "room_preset", "room_config", "media", "krisp_enabled"}}};
        return known.at(noun);
    }
    static bool is_rule(std::string const& noun) { return noun == "SIPDispatchRule"; }
    static std::string id_name(std::string const& noun) {
        return is_rule(noun) ? "sip_dispatch_rule_id" : "sip_trunk_id";
    }
    static std::string camel_case(std::string const& name) {
        std::string out;
        for (std::size_t i = 0; i < name.size(); ++i)
            if (name[i] == '_' && i + 1 < name.size())
                out += static_cast<char>(std::toupper(name[++i]));
            else
                out += name[i];
        return out;
    }

    void set(hook& which, hook what) {
        std::scoped_lock const lock(mutex_);
        which = std::move(what);
    }
    objects copy_of(std::string const& noun) const {
        std::scoped_lock const lock(mutex_);
        auto const found = held_.find(noun);
        return found == held_.end() ? objects{} : found->second;
    }
    std::string store(std::string const& noun, json_object what) {
        std::string const id = (is_rule(noun) ? "SDR_" : "ST_") + std::to_string(++made_);
        what[id_name(noun)] = id;
        held_[noun][id] = std::move(what);
        return id;
    }
    wire::http_response fault(std::string const& what) {
        faults_.push_back(what);
        return refusal(400, "malformed", what);
    }
    bool may_manage(wire::http_request const& request) {
        std::string const header(request.headers.get("Authorization"));
        secret const keys[] = {secret(secret_text)};
        if (!header.starts_with("Bearer ")) return false;
        auto const claims = wire::jws_verify(header.substr(7), wire::jws_algorithm::hs256, keys);
        return claims && wire::text_at(*claims, "iss") == key &&
               wire::bool_at(*claims, "sip.admin") &&
               wire::int_at(*claims, "exp") - wire::int_at(*claims, "nbf") == 60;
    }
    wire::http_response shown(std::string const& noun, json_object const& what) const {
        if (!camel_) return json_reply(200, wire::to_text(what));
        json_object out;
        for (auto const& [name, value] : what)
            out[camel_case(std::string(name))] = value;
        (void)noun;
        return json_reply(200, wire::to_text(out));
    }
    std::optional<std::string> unknown(std::string const& noun, json_object const& what) {
        for (auto const& [name, value] : what)
            if (!members(noun).contains(std::string_view(name))) return std::string(name);
        return std::nullopt;
    }
    wire::http_response create(std::string const& noun, json_object const& body) {
        auto const* what = body.if_contains(is_rule(noun) ? "dispatch_rule" : "trunk");
        if (what == nullptr || body.size() != 1) return fault("create " + wire::to_text(body));
        if (auto const name = unknown(noun, what->as_object())) return fault(noun + "." + *name);
        return shown(noun, held_[noun][store(noun, what->as_object())]);
    }
    wire::http_response update(std::string const& noun, json_object const& body) {
        auto const* what = body.if_contains("replace");
        auto const id = std::string(wire::text_at(body, id_name(noun)));
        if (what == nullptr || body.size() != 2) return fault("update " + wire::to_text(body));
        if (auto const name = unknown(noun, what->as_object())) return fault(noun + "." + *name);
        if (!held_[noun].contains(id)) return refusal(404, "not_found", "requested does not exist");
        auto fresh = what->as_object();
        fresh[id_name(noun)] = id;
        held_[noun][id] = fresh;
        return shown(noun, fresh);
    }
    wire::http_response list(std::string const& noun, json_object const& body) {
        std::string const ids = is_rule(noun) ? "dispatch_rule_ids" : "trunk_ids";
        wire::json_array items;
        auto const add = [&](json_object const& one) {
            items.push_back(wire::parse_json(shown(noun, one).body).value());
        };
        for (auto const& [name, value] : body)
            if (name != ids) return fault("list " + std::string(name));
        if (auto const* asked = body.if_contains(ids)) {
            for (auto const& id : asked->as_array()) {
                auto const found = held_[noun].find(std::string(id.as_string()));
                if (found == held_[noun].end())
                    items.emplace_back(nullptr);
                else
                    add(found->second);
            }
        } else {
            for (auto const& [id, one] : held_[noun])
                add(one);
        }
        return json_reply(200, wire::to_text(json_object{{"items", std::move(items)}}));
    }
    wire::http_response remove(std::string const& noun, json_object const& body) {
        auto const name = is_rule(noun) ? "sip_dispatch_rule_id" : "sip_trunk_id";
        std::string const id(wire::text_at(body, name));
        if (id.empty() || body.size() != 1) return fault("delete " + wire::to_text(body));
        std::size_t gone = 0;
        for (auto& [kind, all] : held_)
            if (is_rule(kind) == is_rule(noun)) gone += all.erase(id);
        if (gone == 0) return refusal(404, "not_found", "requested does not exist");
        return json_reply(200, wire::to_text(json_object{{name, id}}));
    }
    wire::http_response act(std::string const& method, json_object const& body) {
        for (auto const* noun : {"SIPInboundTrunk", "SIPOutboundTrunk", "SIPDispatchRule"}) {
            if (method == std::string("Create") + noun) return create(noun, body);
            if (method == std::string("Update") + noun) return update(noun, body);
            if (method == std::string("List") + noun) return list(noun, body);
        }
        if (method == "DeleteSIPTrunk") return remove("SIPInboundTrunk", body);
        if (method == "DeleteSIPDispatchRule") return remove("SIPDispatchRule", body);
        return fault("no method " + method);
    }
    wire::http_response reply(wire::http_request const& request) {
        constexpr std::string_view prefix = "/twirp/livekit.SIP/";
        std::scoped_lock const lock(mutex_);
        if (request.method != "POST" || !request.path.starts_with(prefix) ||
            request.headers.get("Content-Type") != "application/json")
            return fault(request.method + " " + request.path);
        if (!may_manage(request)) return refusal(401, "unauthenticated", "permissions denied");
        auto const method = request.path.substr(prefix.size());
        if (before_)
            if (auto instead = before_(method)) return *std::move(instead);
        auto const body = wire::parse_json(request.body);
        if (!body || !body->is_object()) return fault("body " + request.body);
        auto out = act(method, body->as_object());
        if (after_)
            if (auto instead = after_(method)) return *std::move(instead);
        return out;
    }

    mutable std::mutex mutex_;
    hook before_;
    hook after_;
    bool camel_ = false;
    int made_ = 0;
    std::map<std::string, objects> held_;
    std::vector<std::string> faults_;
    peer server_{[this](wire::http_request const& request, int) { return reply(request); }};
};

}  // namespace cxb::api::test
