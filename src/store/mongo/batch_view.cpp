#include "src/store/mongo/batch_view.hpp"

#include <algorithm>

#include "src/store/engine/new_document.hpp"
#include "src/store/mongo/batch_locks.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

class batch_view {
  public:
    batch_view(workplace& at, prepared_batch const& writes) : at_(at), writes_(writes) {}

    result<batch_plan> plan() {
        for (std::size_t i = 0; i < writes_.writes.size(); ++i) {
            CXB_TRY(auto const met, apply(i));
            if (met != condition::met) {
                made_.outcome = failed_at(writes_, i, met == condition::taken);
                return std::move(made_);
            }
        }
        made_.outcome.applied = true;
        return std::move(made_);
    }

  private:
    enum class condition { met, unmet, taken };

    result<condition> apply(std::size_t i) {
        auto const& each = writes_.writes[i];
        if (each.kind == write_kind::insert) return insert(*each.into, each.document, i);
        CXB_TRY(auto* const found, first(i));
        if (found == nullptr && each.kind == write_kind::upsert)
            return insert(*each.into, engine::upserted_document(each.where, each.changes), i);
        if (found == nullptr) return each.must_match ? condition::unmet : condition::met;
        found->write = i;
        if (each.kind == write_kind::remove)
            found->after.reset();
        else
            engine::apply_changes(*found->after, each.changes);
        return condition::met;
    }

    condition insert(collection const& into, json_object document, std::size_t i) {
        auto const id = engine::id_of(document);
        if (auto* known = target(into, id)) {
            if (known->after) return condition::taken;
            known->after = std::move(document);
            known->write = i;
            return condition::met;
        }
        made_.targets.push_back({&into, id, std::nullopt, std::move(document), i});
        return condition::met;
    }

    batch_target* target(collection const& in, std::string_view id) {
        for (auto& each : made_.targets)
            if (each.in->name == in.name && each.id == id) return &each;
        return nullptr;
    }

    /// What filters see of a document: values of other kinds than declared are absent.
    static json_object visible(collection const& of, json_object const& document) {
        auto const stored = to_bson(of, document);
        if (!stored) return document;
        return from_bson(without_own(*stored));
    }

    /// The first match as a target: among the documents of the batch as they are by now, else one
    /// of the store's.
    result<batch_target*> first(std::size_t i) {
        auto const& each = writes_.writes[i];
        for (auto& known : made_.targets)
            if (known.in->name == each.into->name && known.after &&
                matches(each.where, visible(*known.in, *known.after)))
                return &known;
        for (;;) {
            CXB_TRY(auto found, stored_match(i));
            if (!found) {
                CXB_TRY(bool const again, waited_for_match(i));
                if (!again) return nullptr;
                continue;
            }
            auto const holder = found->text_at("_cxb.c.id");
            if (!holder.empty() && !at_.transactions) {
                CXB_CHECK(at_.locks.wait_for(at_, each.into->name, holder));
                continue;
            }
            auto document = from_bson(*found);
            auto id = engine::id_of(document);
            made_.targets.push_back(
                {each.into, std::move(id), *std::move(found), std::move(document), i});
            return &made_.targets.back();
        }
    }

    result<std::optional<bson_document>> stored_match(std::size_t i) {
        auto const& in = *writes_.writes[i].into;
        auto where = writes_.filters[i];
        bson_document known;
        std::size_t place = 0;
        for (auto const& each : made_.targets)
            if (each.in->name == in.name) add_id(known, std::to_string(place++), each.id);
        if (!known.empty())
            where =
                both(where, bson_document().add(id_field, bson_document().add_list("$nin", known)));
        return first_match(at_, in.name, where);
    }

    /// Nothing matched, but a batch that changes keys may have hidden a match for the moment.
    result<bool> waited_for_match(std::size_t i) {
        auto const& in = *writes_.writes[i].into;
        if (at_.transactions || in.indexes.empty()) return false;
        return at_.locks.wait_for_keys(at_, in.name);
    }

    workplace& at_;
    prepared_batch const& writes_;
    batch_plan made_;
};

}  // namespace

prepared_batch prepare_batch(batch writes) {
    prepared_batch made;
    for (auto& each : writes.writes()) {
        if (each.kind == write_kind::insert) {
            engine::complete_id(each.document);
            made.bytes += engine::size_of(json_value(each.document));
            made.filters.emplace_back();
        } else {
            made.bytes += engine::size_of(each.changes);
            made.filters.push_back(filter_document(*each.into, each.where));
        }
        made.writes.push_back(std::move(each));
    }
    return made;
}

commit_outcome failed_at(prepared_batch const& writes, std::size_t index, bool duplicate_key) {
    return {false, index, writes.writes[index].label, duplicate_key};
}

result<batch_plan> plan_batch(workplace& at, prepared_batch const& writes) {
    return batch_view(at, writes).plan();
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
