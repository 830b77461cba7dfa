#pragma once
/// @file
/// The media WebSockets by their path (spec 10 §9) and what is checked before their upgrade
/// (spec 10 §2.2). Used by `worker_host` and by whatever stands in front of several workers.
///
/// | request                                   | answer before the upgrade           |
/// |-------------------------------------------|-------------------------------------|
/// | other method than GET                     | 405                                 |
/// | `?t=` wanted, and missing or wrong        | 403 (also without upgrade)          |
/// | no upgrade                                | 426, `Upgrade: websocket`           |
///
/// Thread-safety: value types and pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/contract/shared_secret/shared_secret.hpp"
#include "cxb/worker/listener.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace worker {

struct media_place {
    contract::runtime_config::transport_kind transport =
        contract::runtime_config::transport_kind::websocket;
    std::string bot_id;
};

/// `/ws/{bot_id}` and `/exotel/{bot_id}`; empty for any other path, or an id that is none
/// (1–128 of `[A-Za-z0-9._:-]`).
[[nodiscard]] std::optional<media_place> media_route(std::string_view path);

/// Either `refuse` or `socket` of the verdict is set. `token` = `CXB_WS_AUTH=token`.
[[nodiscard]] head_verdict judge_upgrade(media_place const& place,
                                         wire::http_request const& request, bool token,
                                         contract::shared_secret::keyring const& keys);

}  // namespace worker
}  // namespace cxb::inline v1
CXB_EXPORT_END
