#include "server/api/bots/bot_directory.hpp"

#include <algorithm>

#include "cxb/base/ids.hpp"
#include "cxb/domain/prompt_version.hpp"
#include "server/api/bots/bot_hours.hpp"
#include "server/api/bots/bot_rules.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;

constexpr std::size_t load_page = 200;
constexpr seconds commit_overlap{30};

constexpr std::string_view policy_member = "conversation_policy";
constexpr std::string_view zone_member = "timezone";
constexpr std::size_t zone_bytes = 64;

// Takes out what has this fault, if the bot can do without; false: it cannot.
bool take_out(fault const& one, json_object& content, bot_entry& entry) {
    if (one.pointer.starts_with("/" + std::string(policy_member))) {
        if (entry.policy_fault.empty()) entry.policy_fault = one.pointer;
        content.erase(policy_member);
        return true;
    }
    if (one.pointer != "/" + std::string(zone_member) || !entry.zone_fault.empty()) return false;
    entry.zone_fault = wire::text_at(content, zone_member).substr(0, zone_bytes);
    if (entry.zone_fault.empty()) entry.zone_fault = "no text";
    content[zone_member] = "UTC";
    return true;
}

// A stored policy that cannot be read, or no longer fits the bot, costs the policy and not the bot;
// so does a zone that this machine does not know.
result<bot_document> read_bot(json_object content, bot_entry& entry) {
    auto bot = parse_bot_document(wire::json_value(content));
    // What concerns several members is only looked at when each of them is good.
    for (int looks = 0; looks < 2 && !bot && !bot.error().faults().empty(); ++looks) {
        auto const cause = bot.error();
        for (auto const& one : cause.faults())
            if (!take_out(one, content, entry)) return cause;
        bot = parse_bot_document(wire::json_value(content));
    }
    return bot;
}

}  // namespace

result<bot_ptr> make_bot_entry(json_object stored) {
    auto entry = std::make_shared<bot_entry>();
    entry->id = wire::text_at(stored, "_id");
    entry->version = wire::int_at(stored, "version");
    entry->state_rev = wire::int_at(stored, "state_rev");
    entry->deleted = !wire::text_at(stored, "deleted_at").empty();
    json_object const content = bot_content(stored);
    CXB_TRY(entry->bot, read_bot(content, *entry));
    // Closed hours are never guessed from broken ones.
    CXB_TRY(entry->hours, read_hours(entry->bot));
    entry->config_version = domain::config_hash(wire::json_value(content));
    entry->stored = std::move(stored);
    return bot_ptr(std::move(entry));
}

bot_directory::bot_directory(store::document_store& store, audit_trail& audit, clock const& time,
                             random_source& random, domain::guard_policy guard)
    : store_(store), audit_(audit), time_(time), random_(random), guard_(std::move(guard)) {}

void bot_directory::take(std::vector<bot_ptr> changed) {
    if (changed.empty()) return;
    bots_.change([&](table const& before) {
        table after = before;
        for (auto& bot : changed) {
            after.newest =
                std::max(after.newest, std::string(wire::text_at(bot->stored, "updated_at")));
            auto& slot = after.by_id[bot->id];
            if (!slot || not_older(*bot, *slot)) slot = std::move(bot);
        }
        return after;
    });
}

// Another writer may commit a moment that lies before the newest one seen here. And a clock may
// have been wrong for a while, its writer's or our own: no time counts that lies after now or after
// the last look.
std::string bot_directory::looked_from() const {
    auto const newest = parse_timestamp(bots_.get()->newest);
    if (!newest) return {};
    auto const from = std::min({*newest, time_.now(), time_point(milliseconds(last_look_))});
    return format_timestamp(from - commit_overlap);
}

// When a bot is saved, as the others look for it: never before what was saved already.
std::string bot_directory::stamp(time_point now) const {
    return std::max(format_timestamp(now), bots_.get()->newest);
}

store::async<void> bot_directory::load() {
    store::find_options options;
    options.sort = {{"updated_at", false}};
    options.limit = load_page;
    auto const began = to_epoch_ms(time_.now());
    auto const known = bots_.get();
    store::filter const changed =
        store::all_of({store::gte("updated_at", wire::json_value(looked_from()))});
    bool const all_new = known->by_id.empty();
    std::optional<error> unreadable;
    if (!all_new) options.only = {"_id", "version"};
    do {
        CXB_CO_TRY(store::page page, co_await store_.find(model::bots, changed, options));
        std::vector<bot_ptr> fresh;
        for (auto& document : page.items) {
            auto const at = known->by_id.find(wire::text_at(document, "_id"));
            bool const seen = at != known->by_id.end() &&
                              at->second->version >= wire::int_at(document, "version");
            if (seen) continue;
            if (!all_new) {
                auto whole = co_await store_.find_one(model::bots,
                                                      store::by_id(wire::text_at(document, "_id")));
                // Secrets that do not open must not keep the other bots from being followed.
                if (!whole && whole.error().code() == errc::corrupt_data) {
                    unreadable = whole.error();
                    continue;
                }
                if (!whole) co_return whole.error();
                if (!*whole) continue;
                document = **std::move(whole);
            }
            // A document that this version cannot read must not stop the others.
            if (auto entry = make_bot_entry(std::move(document)))
                fresh.push_back(*std::move(entry));
        }
        take(std::move(fresh));
        options.after = page.next;
    } while (!options.after.empty());
    last_look_ = began;
    if (unreadable) co_return *std::move(unreadable);
    co_return result<void>{};
}

store::async<void> bot_directory::refresh() {
    co_return co_await load();
}

store::async<void> bot_directory::reload(std::string id) {
    CXB_CO_TRY(auto stored, co_await store_.find_one(model::bots, store::by_id(id)));
    if (!stored) co_return result<void>{};
    if (auto entry = make_bot_entry(*std::move(stored))) take({*std::move(entry)});
    co_return result<void>{};
}

store::async<void> bot_directory::catch_up(std::string id, std::int64_t version) {
    auto const known = find_any(id);
    bool const fresh = known && known->version >= version;
    if (fresh || !is_hex24(id)) co_return result<void>{};
    co_return co_await reload(std::move(id));
}

void bot_directory::saved(bot_ptr const& bot) {
    take({bot});
    if (on_saved_) on_saved_(*bot);
}

store::async<bot_ptr> bot_directory::state_changed(std::string id) {
    CXB_CO_CHECK(co_await reload(id));
    auto bot = find_any(id);
    if (!bot) co_return error{errc::not_found, "Bot not found"};
    if (on_saved_) on_saved_(*bot);
    co_return bot;
}

bot_ptr bot_directory::find_any(std::string_view id) const {
    auto const bots = bots_.get();
    auto const at = bots->by_id.find(id);
    return at == bots->by_id.end() ? nullptr : at->second;
}

bot_ptr bot_directory::find(std::string_view id) const {
    auto bot = find_any(id);
    return bot && !bot->deleted ? bot : nullptr;
}

store::async<bot_ptr> bot_directory::read(std::string id) {
    if (is_hex24(id)) CXB_CO_CHECK(co_await reload(id));
    auto bot = find(id);
    if (!bot) co_return error{errc::not_found, "Bot not found"};
    co_return bot;
}

std::vector<bot_ptr> bot_directory::all_known() const {
    std::vector<bot_ptr> out;
    auto const bots = bots_.get();
    for (auto const& [id, bot] : bots->by_id)
        out.push_back(bot);
    return out;
}

std::vector<bot_ptr> bot_directory::all() const {
    std::vector<bot_ptr> out;
    auto const bots = bots_.get();
    for (auto const& [id, bot] : bots->by_id)
        if (!bot->deleted) out.push_back(bot);
    std::sort(out.begin(), out.end(), [](bot_ptr const& a, bot_ptr const& b) {
        auto const key = [](bot_ptr const& bot) {
            return std::pair(wire::text_at(bot->stored, "created_at"), std::string_view(bot->id));
        };
        return key(a) > key(b);
    });
    return out;
}

}  // namespace cxb::api
