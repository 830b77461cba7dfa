#include "server/api/app/migrations.hpp"

#include "server/api/access/user_directory.hpp"
#include "server/api/audit/audit_chain.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/model/migration_names.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;

constexpr std::size_t portion = 200;

// Search by name asks for `name_lower`.
store::async<void> fill_name_lower(server::migration_work& work) {
    store::find_options options;
    options.limit = portion;
    options.only = {"name"};
    auto const without = store::missing("name_lower");
    for (;;) {
        CXB_CO_TRY(auto const page,
                   co_await work.store().find(model::users, store::all_of({without}), options));
        if (page.items.empty()) co_return result<void>{};
        store::batch writes;
        for (auto const& user : page.items) {
            auto where = store::by_id(wire::text_at(user, store::id_field));
            where.all.push_back(without);
            writes.update_if_any(
                model::users, std::move(where),
                store::update{}.set("name_lower",
                                    wire::json_value(searched_name(wire::text_at(user, "name")))));
        }
        CXB_CO_CHECK(co_await work.commit(std::move(writes)));
    }
}

// Bound to the newest row by itself, so it needs no fence.
store::async<void> seal_audit_rows(server::migration_work& work) {
    for (;;) {
        CXB_CO_TRY(bool const more, co_await seal_audit_portion(work.store()));
        if (!more) co_return result<void>{};
        CXB_CO_CHECK(co_await work.keep());
    }
}

constexpr server::migration rows[] = {
    {model::migration_names[0], &fill_name_lower},
    {model::migration_names[1], &seal_audit_rows},
};
static_assert(std::size(rows) == model::migration_names.size());

}  // namespace

std::span<server::migration const> api_migrations() noexcept {
    return rows;
}

}  // namespace cxb::api
