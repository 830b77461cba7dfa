#pragma once
/// @file
/// Does this sound like a machine? (spec 80 §3.5)

#include <string_view>

#include "cxb/base/clock.hpp"

namespace cxb::inline v1 {
namespace core {

/// True for `leave … message`, `after the tone|beep`, `voice mail`, `mailbox`,
/// `record your message`, `sandesh`, in any case.
[[nodiscard]] bool sounds_like_voicemail(std::string_view caller_text);

/// A steady tone of 850–1500 Hz that lasts 250 ms.
[[nodiscard]] bool is_answering_beep(double hertz, milliseconds length) noexcept;

}  // namespace core
}  // namespace cxb::inline v1
