#include "server/core/sim/call_recording.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <system_error>
#include <utility>

#include "cxb/domain/recording_key.hpp"

namespace cxb::inline v1 {
namespace core {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t header_bytes = 44;
constexpr std::uint64_t header_every_seconds = 5;
constexpr std::string_view part_suffix = ".part";
constexpr std::uint64_t most_data = 0xFFFFFFFFULL - header_bytes;
constexpr double softness = 1500;

error disk_failure(std::string_view what) {
    return error{errc::unavailable, "Recording disk failure"}.with_note(
        private_note{std::string(what) + ": " + std::generic_category().message(errno)});
}

result<void> write_at(int fd, std::string_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        auto const n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return disk_failure("write");
        bytes.remove_prefix(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    return {};
}

void little(std::string& out, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
        out += static_cast<char>((value >> (8 * i)) & 0xFFU);
}

std::string wav_header(call_recording::format form, std::uint64_t data) {
    auto const size = std::min(data, most_data);
    auto const frame = static_cast<std::uint64_t>(form.channels) * 2;
    auto const rate = static_cast<std::uint64_t>(form.rate);
    std::string out = "RIFF";
    little(out, size + header_bytes - 8, 4);
    out += "WAVEfmt ";
    little(out, 16, 4);
    little(out, 1, 2);
    little(out, static_cast<std::uint64_t>(form.channels), 2);
    little(out, rate, 4);
    little(out, rate * frame, 4);
    little(out, frame, 2);
    little(out, 16, 2);
    out += "data";
    little(out, size, 4);
    return out;
}

// One second of each sound; whole numbers of waves, so seconds join without a click.
std::vector<std::int16_t> second_of(line_sound::kind what, int rate) {
    std::vector<std::int16_t> out(static_cast<std::size_t>(rate));
    double const hertz = what == line_sound::kind::caller_words ? 330
                         : what == line_sound::kind::bot_words  ? 440
                                                                : 1000;
    std::uint32_t noise = 1;
    for (std::size_t i = 0; i < out.size(); ++i) {
        double value = std::sin(2 * 3.14159265358979 * hertz * static_cast<double>(i) / rate);
        if (what == line_sound::kind::noise) {
            noise = noise * 1664525U + 1013904223U;
            value = static_cast<double>(noise >> 16U) / 32768.0 - 1.0;
        }
        out[i] = static_cast<std::int16_t>(std::lround(softness * value));
    }
    return out;
}

std::vector<std::int16_t> const& wave(line_sound::kind what, int rate) {
    static auto const make = [](int r) {
        return std::array{
            second_of(line_sound::kind::caller_words, r), second_of(line_sound::kind::bot_words, r),
            second_of(line_sound::kind::beep, r), second_of(line_sound::kind::noise, r)};
    };
    static auto const at_8k = make(8000);
    static auto const at_16k = make(16000);
    return (rate == 8000 ? at_8k : at_16k)[static_cast<std::size_t>(what)];
}

}  // namespace

call_recording::call_recording(fs::path part, fs::path final_name, format form, int fd)
    : part_(std::move(part)), final_(std::move(final_name)), form_(form), fd_(fd) {}

call_recording::call_recording(call_recording&& other) noexcept
    : part_(std::move(other.part_)),
      final_(std::move(other.final_)),
      form_(other.form_),
      fd_(std::exchange(other.fd_, -1)),
      frames_(other.frames_),
      header_frames_(other.header_frames_) {}

call_recording& call_recording::operator=(call_recording&& other) noexcept {
    if (this == &other) return *this;
    if (fd_ >= 0) ::close(fd_);
    part_ = std::move(other.part_);
    final_ = std::move(other.final_);
    form_ = other.form_;
    fd_ = std::exchange(other.fd_, -1);
    frames_ = other.frames_;
    header_frames_ = other.header_frames_;
    return *this;
}

call_recording::~call_recording() {
    if (fd_ >= 0) ::close(fd_);
}

result<call_recording> call_recording::start(fs::path const& folder, std::string const& key,
                                             format form) {
    if (!domain::is_recording_key(key)) return invalid_member("/recording/key", "not a usable key");
    auto const final_name = folder / key;
    auto const part = folder / (key + std::string(part_suffix));
    std::error_code ec;
    fs::create_directories(part.parent_path(), ec);
    int const fd = ::open(part.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0) return disk_failure("open");
    call_recording out(part, final_name, form, fd);
    CXB_CHECK(write_at(fd, wav_header(form, 0), 0));
    return out;
}

void call_recording::render(std::uint64_t first, std::span<std::int16_t> out, milliseconds from,
                            std::span<line_sound const> sounds) const {
    auto const rate = static_cast<std::uint64_t>(form_.rate);
    auto const channels = static_cast<std::size_t>(form_.channels);
    auto const last = first + out.size() / channels;
    auto const frame_of = [&](milliseconds at) -> std::uint64_t {
        return at <= from ? 0 : static_cast<std::uint64_t>((at - from).count()) * rate / 1000;
    };
    for (auto const& sound : sounds) {
        auto const begin = std::max(frame_of(sound.start), first);
        auto const end = sound.end ? std::min(frame_of(*sound.end), last) : last;
        bool const bot = sound.what == line_sound::kind::bot_words;
        auto const side = bot && channels == 2 ? std::size_t{1} : std::size_t{0};
        auto const& table = wave(sound.what, form_.rate);
        for (auto frame = begin; frame < end; ++frame) {
            auto& sample = out[static_cast<std::size_t>(frame - first) * channels + side];
            sample = static_cast<std::int16_t>(sample + table[frame % rate]);
        }
    }
}

result<void> call_recording::write_until(milliseconds until, milliseconds from,
                                         std::span<line_sound const> sounds) {
    if (until <= from) return {};
    auto const rate = static_cast<std::uint64_t>(form_.rate);
    auto const channels = static_cast<std::uint64_t>(form_.channels);
    auto const goal = static_cast<std::uint64_t>((until - from).count()) * rate / 1000;
    std::vector<std::int16_t> piece;
    while (frames_ < goal) {
        auto const count = std::min(goal - frames_, rate);
        piece.assign(static_cast<std::size_t>(count * channels), 0);
        render(frames_, piece, from, sounds);
        std::string_view const bytes(reinterpret_cast<char const*>(piece.data()), piece.size() * 2);
        CXB_CHECK(write_at(fd_, bytes, header_bytes + frames_ * channels * 2));
        frames_ += count;
    }
    if (frames_ - header_frames_ >= header_every_seconds * rate) return refresh_header();
    return {};
}

result<void> call_recording::refresh_header() {
    header_frames_ = frames_;
    auto const data = frames_ * static_cast<std::uint64_t>(form_.channels) * 2;
    return write_at(fd_, wav_header(form_, data), 0);
}

result<fs::path> call_recording::finish() {
    CXB_CHECK(refresh_header());
    if (::fsync(fd_) != 0) return disk_failure("fsync");
    ::close(std::exchange(fd_, -1));
    if (::rename(part_.c_str(), final_.c_str()) != 0) return disk_failure("rename");
    int const folder = ::open(final_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        ::fsync(folder);
        ::close(folder);
    }
    return final_;
}

// --- after a crash ----------------------------------------------------------------------------

namespace {

// True when the file is a recording again.
bool repair(fs::path const& part, fs::path const& final_name) {
    int const fd = ::open(part.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) return false;
    struct stat info{};
    unsigned char head[header_bytes];
    bool good = ::fstat(fd, &info) == 0 &&
                ::pread(fd, head, sizeof head, 0) == static_cast<ssize_t>(sizeof head) &&
                info.st_size > static_cast<off_t>(header_bytes);
    if (good) {
        call_recording::format form;
        form.channels = head[22];
        form.rate = head[24] | head[25] << 8;
        auto const frame = static_cast<std::uint64_t>(std::max(form.channels, 1)) * 2;
        auto const data = (static_cast<std::uint64_t>(info.st_size) - header_bytes) / frame * frame;
        good = data > 0 && ::ftruncate(fd, static_cast<off_t>(data + header_bytes)) == 0 &&
               write_at(fd, wav_header(form, data), 0).has_value() && ::fsync(fd) == 0;
    }
    ::close(fd);
    std::error_code ec;
    if (good)
        fs::rename(part, final_name, ec);
    else
        fs::remove(part, ec);
    return good && !ec;
}

}  // namespace

std::vector<std::string> repair_recordings(fs::path const& folder) {
    std::vector<fs::path> parts;
    std::error_code ec;
    for (fs::recursive_directory_iterator at(folder, ec), end; !ec && at != end; at.increment(ec)) {
        std::error_code kind_ec;
        if (at->is_regular_file(kind_ec) && at->path().extension() == part_suffix)
            parts.push_back(at->path());
    }
    std::vector<std::string> keys;
    for (auto const& part : parts) {
        auto final_name = part;
        final_name.replace_extension();
        if (repair(part, final_name))
            keys.push_back(final_name.lexically_relative(folder).generic_string());
    }
    std::sort(keys.begin(), keys.end());
    return keys;
}

bool has_recording_space(fs::path const& folder, std::uintmax_t least) {
    std::error_code ec;
    auto const space = fs::space(folder, ec);
    return !ec && space.available >= least;
}

}  // namespace core
}  // namespace cxb::inline v1
