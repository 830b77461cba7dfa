#pragma once
// Reads JSON events straight into structs through their tables: a stack of frames, one for each
// object, list or map that is open. Pointers are built only for faults.

#include <string>
#include <utility>
#include <vector>

#include "cxb/wire/object_table.hpp"
#include "src/wire/bounds.hpp"
#include "src/wire/json_events.hpp"

namespace cxb::inline v1 {
namespace wire::detail {

class reader final : public json_events {
  public:
    reader(object_table const& table, void* to, parse_options const& how);
    // All faults, or the warnings and ignored names handed to the options.
    result<void> finish();

    void object_begin() override;
    void object_end(std::size_t count) override;
    void array_begin() override;
    void array_end(std::size_t count) override;
    void key(std::string_view name) override;
    void string(std::string_view text) override;
    void number(number_token const& token) override;
    void boolean(bool value) override;
    void null() override;

  private:
    enum class json_kind : unsigned char { object, array, string, number, boolean, null };
    // What becomes of the value after a name.
    enum class fate : unsigned char { row, ignored, extra, taken_apart };

    // An unknown member that is kept: `"name":` and value. `apart`: the text is an object whose
    // members are meant.
    struct extra {
        std::string key;
        std::string text;
        bool apart = false;
    };
    struct frame {
        enum class form : unsigned char { record, list, map };
        form what = form::record;
        bool bare = false;    // record standing for a scalar: no step in pointers
        bool alias = false;   // record: the current name is an alias
        bool full = false;    // list: over its limit, the rest is skipped
        bool pushed = false;  // list: the current element exists
        bool extras_over = false;
        fate next = fate::row;
        object_table const* table = nullptr;
        void* object = nullptr;          // record, list or map
        field_row const* row = nullptr;  // record: current member; list, map: the row that holds it
        value_ops const* ops = nullptr;  // list: of the list
        std::size_t index = 0;           // record: current row; list: current element
        std::string_view name;           // record: current name as sent
        std::uint64_t seen = 0;          // record: rows with a value
        std::uint64_t by_alias = 0;      // record: those that came under an alias
        fault_list::mark begin;          // when the frame was opened
        fault_list::mark value;          // when the current value began
        std::vector<extra> extras;
        std::size_t extra_bytes = 0;
    };
    // Where the value that just began goes; `ops` is null when it is not wanted.
    struct slot {
        row_data const* row = nullptr;
        value_ops const* ops = nullptr;
    };
    enum class purpose : unsigned char { none, member, custom, extra };

    // frames (reader.cpp)
    frame& top() { return stack_.back(); }
    void open_record(object_table const& table, void* object, bool bare);
    void close_frame();
    void open_list(slot const& at, void* object);
    void open_map(slot const& at, void* object);
    void run_rules(frame& at);
    bool select_row(frame& at, std::string_view name);
    void select_unknown(frame& at, std::string_view name);
    void value_done();
    void element_done(frame& at);

    // values (reader_values.cpp)
    slot arrive(json_kind kind);
    slot arrive_member(frame& at, json_kind kind);
    slot arrive_element(frame& at, json_kind kind);
    slot arrive_entry(frame& at, json_kind kind);
    bool arrive_null(frame& at);
    void renew(frame& at);
    void* place(slot const& at);
    bool fits(slot const& at, json_kind kind);
    bool wants_text_as_json(slot const& at) const;
    bool is_bare_object(slot const& at) const;
    static bool is_digits_of_text(slot const& at, number_token const& token);
    template <class Send>
    void send_bare(slot const& at, Send const& send) {
        auto const& table = at.ops->table();
        open_record(table, place(at), true);
        key(table.spec().bare);
        send();
        object_end(1);
    }
    void store_text(slot const& at, std::string_view text);
    void store_number(slot const& at, number_token const& token);
    void store_integer(slot const& at, number_token const& token);
    void store_boolean(slot const& at, bool value);
    static std::string_view name_of(json_kind kind);
    static std::string_view expected(slot const& at);
    void read_inner(slot const& at, std::string_view text);
    void skip() { skipping_ = 1; }

    // capturing (reader_capture.cpp)
    void start_capture(slot const& at, purpose why, std::size_t limit);
    void finish_capture();
    void finish_member();
    void finish_custom();
    void finish_extra();
    void keep_extras(frame& at);
    bool captures() const { return why_ != purpose::none; }

    std::string pointer(std::size_t frames) const;
    std::string pointer() const { return pointer(stack_.size()); }
    void complain(std::string reason);
    // Else a fault is only counted.
    bool wants_faults() const { return quiet_ == 0 && faults_.has_room(); }
    void warn(std::string pointer, std::string reason);
    std::vector<std::string> dropped_below(std::string const& base) const;

    object_table const& root_;
    void* to_;
    parse_options const& how_;
    std::vector<frame> stack_;
    std::string map_key_;
    std::string name_;  // current unknown name
    fault_list faults_;
    std::vector<fault> warnings_;
    std::vector<std::string> dropped_;  // pointers of dropped elements
    std::size_t quiet_ =
        0;  // depth of an element whose faults nobody will see: no room for warnings
    std::size_t skipping_ = 0;  // depth inside a value that is not wanted
    bool inner_ = false;        // events come from JSON text inside a string
    purpose why_ = purpose::none;
    slot captured_;
    text_collector text_;
};

inline constexpr std::size_t max_ignored_names = 64;

}  // namespace wire::detail
}  // namespace cxb::inline v1
