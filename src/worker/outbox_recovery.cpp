#include <system_error>

#include "src/worker/outbox_state.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace fs = std::filesystem;

// True when the entry is known afterwards. A damaged one is buried, so later ones go on.
bool result_outbox::state::take_in(std::string const& name) {
    if (known.contains(name)) return true;
    auto entry = directory.load(name);
    if (entry) {
        account(name, entry->header);
        return true;
    }
    if (entry.error().code() != errc::corrupt_data) return false;
    outbox_death const death{"corrupt", 0, entry.error().detail(), {}, now()};
    if (auto const buried = directory.bury(name, death); !buried)
        note(true, "outbox entry could not be moved to dead: " + buried.error().to_log_text());
    ++dead_total;
    note(true, "outbox entry " + name + " is corrupt: " + entry.error().detail());
    return false;
}

void result_outbox::state::bury_leftover(call_journal const& journal) {
    auto const session =
        journal.session_id.empty() ? journal.campaign_session_id : journal.session_id;
    if (!session.empty() && !directory.has_session(session) && settings.crashed) {
        if (auto item = settings.crashed(journal)) {
            outbox_header header{item->kind, item->id, item->session_id, item->url, now(), now(),
                                 0,          ""};
            header.expires_at = header.created_at + lifetime_of(header.kind);
            auto stored = directory.put(std::move(header), item->body);
            if (!stored) {
                note(true, "crash result not stored: " + stored.error().to_log_text());
                return;  // the journal stays for the next start
            }
            account(stored->name, stored->header);
            note(false, "call left by a crash was closed");
        }
    }
    if (auto const gone = directory.remove_journal(journal.call_id); !gone)
        note(true, "journal not removed: " + gone.error().to_log_text());
}

void result_outbox::state::set_aside_torn_journals() {
    for (auto const& name : directory.corrupt_journals()) {
        outbox_death const death{"corrupt", 0, "journal of a call is damaged", {}, now()};
        if (auto const buried = directory.bury_journal(name, death); !buried)
            note(true, "journal could not be moved to dead: " + buried.error().to_log_text());
        ++dead_total;
        note(true, "journal " + name + " is corrupt, its call cannot be reported");
    }
}

void result_outbox::state::recover() {
    for (auto const& name : directory.names())
        take_in(name);
    for (auto const& journal : directory.journals())
        bury_leftover(journal);
    set_aside_torn_journals();
    purge_dead(directory.folder(), now());
    next_scan = schedule_now() + settings.scan_interval;
    publish();
}

// Finds entries put back by an operator, and forgets those taken away.
void result_outbox::state::rescan() {
    std::set<std::string> present;
    for (auto const& name : directory.names()) {
        present.insert(name);
        if (take_in(name) && !schedule.contains(name)) {
            auto const& header = known.at(name);
            step(added(name, header));
        }
    }
    std::vector<std::string> gone;
    for (auto const& [name, header] : known)
        if (!present.contains(name)) gone.push_back(name);
    for (auto const& name : gone) {
        forget(name);
        step(outbox_removed{name});
    }
    purge_dead(directory.folder(), now());
}

void result_outbox::state::adopt_siblings() {
    std::error_code ec;
    for (fs::directory_iterator at(settings.root, ec), end; !ec && at != end; at.increment(ec)) {
        std::error_code kind_ec;
        if (!at->is_directory(kind_ec) || at->path() == directory.folder()) continue;
        auto taken = directory.adopt(at->path());
        if (!taken) {
            note(true, "sibling outbox not taken over: " + taken.error().to_log_text());
            continue;
        }
        for (auto const& journal : *taken)
            bury_leftover(journal);
        set_aside_torn_journals();
    }
}

}  // namespace worker
}  // namespace cxb::inline v1
