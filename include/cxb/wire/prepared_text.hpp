#pragma once
/// @file
/// JSON text of documents that have most members in common: those are written once, the others
/// for each document. The text is the one `wire::write` would give.
///
/// ```cpp
/// std::string_view const varying[] = {"session_id", "webhook_url"};
/// prepared_text const prepared(common, varying);      // once
/// prepared.write(of_this_call, out);                  // often: only its varying members are read
/// ```
/// Unknown members that a type keeps are always those of the value. A varying name without a row
/// is a programming error (`std::logic_error`).
/// Ownership: keeps text only, no reference to `common`. Thread-safety: const use from any thread.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/wire/object_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace wire {

class prepared_text {
  public:
    template <class T>
    prepared_text(T const& common, std::span<std::string_view const> varying)
        : prepared_text(wire_table(tag<T>{}), &common, varying) {}
    /// Appends the text of the document whose varying members are those of `value`.
    template <class T>
    void write(T const& value, std::string& out) const {
        write_from(wire_table(tag<T>{}), &value, out);
    }
    /// Bytes of the common members.
    [[nodiscard]] std::size_t size() const noexcept;

  private:
    static constexpr std::size_t no_row = static_cast<std::size_t>(-1);
    /// Common members one after the other, and the row that follows them.
    struct piece {
        std::string text;
        std::size_t row = no_row;
    };
    prepared_text(object_table const& table, void const* common,
                  std::span<std::string_view const> varying);
    void write_from(object_table const& table, void const* value, std::string& out) const;

    object_table const* table_;
    std::vector<piece> pieces_;
};

}  // namespace wire
}  // namespace cxb::inline v1
CXB_EXPORT_END
