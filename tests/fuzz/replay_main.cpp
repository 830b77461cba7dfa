// Runs a fuzz target over its committed corpus without libFuzzer, then over damaged copies: every
// prefix up to 64 bytes, and seeded byte changes. Repeats itself exactly, so a failure does too.
// 10-40: cut and flipped documents never crash a parser, and none takes longer than allowed.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace {

constexpr std::size_t longest_prefix = 64;
constexpr int mutations_per_file = 200;

// Spec: 50 ms per MiB in a release build. Unoptimised and sanitized builds get ample room; what
// this catches is a parser whose time grows faster than its input.
constexpr std::chrono::seconds longest_run{5};

void run(std::string const& document, std::string const& what) {
    auto const started = std::chrono::steady_clock::now();
    LLVMFuzzerTestOneInput(reinterpret_cast<std::uint8_t const*>(document.data()), document.size());
    if (std::chrono::steady_clock::now() - started > longest_run) {
        std::fprintf(stderr, "too slow: %s\n", what.c_str());
        std::exit(1);
    }
}

void replay(std::filesystem::path const& file) {
    std::ifstream in(file, std::ios::binary);
    std::string const whole{std::istreambuf_iterator<char>(in), {}};
    run(whole, file.string());
    for (std::size_t size = 0; size < std::min(longest_prefix, whole.size()); ++size) {
        run(whole.substr(0, size), file.string() + " cut");
        run(whole.substr(size), file.string() + " without its start");
    }
    if (whole.empty()) return;
    std::mt19937 random{static_cast<unsigned>(whole.size())};
    for (int i = 0; i < mutations_per_file; ++i) {
        std::string damaged = whole;
        for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
            damaged[random() % damaged.size()] = static_cast<char>(random());
        }
        run(damaged, file.string() + " damaged");
    }
}

}  // namespace

int main(int count, char** arguments) {
    std::vector<std::filesystem::path> files;
    for (int i = 1; i < count; ++i) {
        for (auto const& entry : std::filesystem::recursive_directory_iterator(arguments[i])) {
            if (entry.is_regular_file()) files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    for (auto const& file : files)
        replay(file);
    std::printf("%zu documents replayed\n", files.size());
    return files.empty() ? 1 : 0;
}
