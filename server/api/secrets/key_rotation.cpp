#include "server/api/secrets/key_rotation.hpp"

#include "src/base/fail_point.hpp"

namespace cxb::api {
namespace {

using wire::json_object;
using wire::json_value;

constexpr std::size_t rows_per_page = 100;
constexpr int max_tries = 5;  // a row that others keep changing

// True: written, or nothing to do. False: somebody else changed the row.
store::async<bool> reseal_row(store::document_store& store, server::document_sealer const& sealer,
                              server::secret_collection const& in, json_object row,
                              rotated_collection& out) {
    json_object after = row;
    auto const found = sealer.reseal(in, after);
    if (!found) {
        out.faults.push_back(found.error().detail());
        co_return true;
    }
    if (found->sealed == 0) {
        out.current += found->current;
        co_return true;
    }
    store::update changes;
    for (auto const& [name, value] : after)
        if (value != row.at(name)) changes.set(name, value);
    auto const id = wire::text_at(row, store::id_field);
    auto const same = store::all_of({store::eq(store::id_field, json_value(id)),
                                     store::eq("version", wire::int_at(row, "version"))});
    CXB_CO_TRY(bool const written, co_await store.update_one(*in.rows, same, std::move(changes)));
    if (!written) co_return false;
    CXB_FAIL_POINT("rotation.sealed");
    ++out.changed;
    out.secrets += found->sealed;
    out.current += found->current;
    co_return true;
}

store::async<void> rotate_row(store::document_store& store, server::document_sealer const& sealer,
                              server::secret_collection const& in, json_object row,
                              rotated_collection& out) {
    std::string const id(wire::text_at(row, store::id_field));
    for (int i = 0; i < max_tries; ++i) {
        CXB_CO_TRY(bool const done, co_await reseal_row(store, sealer, in, std::move(row), out));
        if (done) co_return result<void>{};
        CXB_CO_TRY(auto again, co_await store.find_one(*in.rows, store::by_id(id)));
        if (!again) co_return result<void>{};
        row = *std::move(again);
    }
    co_return error{errc::conflict,
                    std::string(in.rows->name) + "/" + id + " keeps changing, repeat the command"};
}

store::async<void> write_audit_row(server::document_sealer const& sealer, audit_trail& audit) {
    audited_write what;
    what.entry = {"secrets.rotate_key",
                  "settings",
                  "secrets.key",
                  "secrets.key",
                  {{"secrets.key", nullptr, json_value(sealer.box().key_id())}}};
    co_return co_await audit.commit(audit_actor::command("rotate-secrets-key"), std::move(what));
}

}  // namespace

store::async<std::vector<rotated_collection>> rotate_secrets(store::document_store& store,
                                                             server::document_sealer const& sealer,
                                                             audit_trail& audit) {
    if (!sealer.box().can_seal())
        co_return error{errc::invalid, "secrets.key is not set: there is no key to seal with"};
    CXB_CO_CHECK(co_await write_audit_row(sealer, audit));
    std::vector<rotated_collection> out;
    for (auto const& in : sealer.collections()) {
        rotated_collection one;
        one.name = in.rows->name;
        store::find_options options;
        options.limit = rows_per_page;
        do {
            CXB_CO_TRY(auto page, co_await store.find(*in.rows, {}, options));
            for (auto& row : page.items) {
                ++one.rows;
                CXB_CO_CHECK(co_await rotate_row(store, sealer, in, std::move(row), one));
            }
            options.after = page.next;
        } while (!options.after.empty());
        out.push_back(std::move(one));
    }
    co_return out;
}

}  // namespace cxb::api
