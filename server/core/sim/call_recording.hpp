#pragma once
/// @file
/// The recording of a simulated call: WAV, 16 bit, caller left and bot right (or both mixed), a
/// soft tone for as long as each side's words last, silence otherwise (spec 80 §8, §11).
///
/// Written to `{folder}/{key}.part` while the call runs, its header refreshed each 5 s of the call;
/// `finish` syncs it and gives it its name. What a crash left is repaired by `repair_recordings`.
///
/// Errors: `invalid` (key), `unavailable` (disk). Thread-safety: one thread at a time; blocks on
/// the disk.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/result.hpp"
#include "server/core/conversation/conversation_record.hpp"

namespace cxb::inline v1 {
namespace core {

class call_recording {
  public:
    struct format {
        int rate = 16000;  ///< 8000 or 16000
        int channels = 2;  ///< 1 mixed
    };

    /// Creates the folders of the key and the `.part` file with an empty header.
    [[nodiscard]] static result<call_recording> start(std::filesystem::path const& folder,
                                                      std::string const& key, format form);
    call_recording(call_recording&& other) noexcept;
    call_recording& operator=(call_recording&& other) noexcept;
    /// Leaves the `.part` file as it is.
    ~call_recording();

    /// Renders up to `until` after the answer. `sounds` are those of the record; what lies before
    /// `from` (start of the recording) is not rendered.
    [[nodiscard]] result<void> write_until(milliseconds until, milliseconds from,
                                           std::span<line_sound const> sounds);
    /// Final header, sync, rename. The object is used up.
    [[nodiscard]] result<std::filesystem::path> finish();
    [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }

  private:
    call_recording(std::filesystem::path part, std::filesystem::path final_name, format form,
                   int fd);
    [[nodiscard]] result<void> refresh_header();
    void render(std::uint64_t first, std::span<std::int16_t> out, milliseconds from,
                std::span<line_sound const> sounds) const;

    std::filesystem::path part_;
    std::filesystem::path final_;
    format form_;
    int fd_ = -1;
    std::uint64_t frames_ = 0;
    std::uint64_t header_frames_ = 0;
};

/// Repairs the header of every `.part` file in the folder and gives it its name; empty ones are
/// removed. Gives the keys, sorted.
[[nodiscard]] std::vector<std::string> repair_recordings(std::filesystem::path const& folder);

/// Is there room to record (default 1 GiB)? A folder that cannot be asked has none.
[[nodiscard]] bool has_recording_space(std::filesystem::path const& folder,
                                       std::uintmax_t least = 1ULL << 30);

}  // namespace core
}  // namespace cxb::inline v1
