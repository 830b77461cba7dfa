#pragma once
/// @file
/// `result<T>`: a value or an `error`. Expected failures are results; an exception means a bug or
/// the machine (DESIGN: errors), and is caught once per process edge.
///
/// ```cpp
/// result<int> port = parse_port(text);
/// if (!port) return port.error();
/// CXB_TRY(auto bot, load(id));        // returns the error of load, else binds its value
/// CXB_CO_TRY(auto doc, co_await store.find_one(...));   // the same inside a coroutine
/// ```
/// `value()` on an error throws `bad_result` (a programming error).

#include <boost/system/result.hpp>
#include <stdexcept>

#include "cxb/base/error.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {

template <class T>
using result = boost::system::result<T, error>;

/// Thrown by `result::value()` when there is none: a programming error, carries the log text.
class bad_result : public std::logic_error {
  public:
    explicit bad_result(error const& cause) : std::logic_error(cause.to_log_text()) {}
};

/// Found by argument-dependent look-up from `boost::system::result::value()`.
[[noreturn]] inline void throw_exception_from_error(error const& cause,
                                                    boost::source_location const& /*where*/) {
    throw bad_result(cause);
}

}  // namespace cxb::inline v1
CXB_EXPORT_END

#define CXB_DETAIL_CAT2(a, b) a##b
#define CXB_DETAIL_CAT(a, b) CXB_DETAIL_CAT2(a, b)
#define CXB_DETAIL_TRY(tmp, target, expression, keyword) \
    auto tmp = (expression);                             \
    if (!tmp) keyword std::move(tmp).error();            \
    target = *std::move(tmp)
/// Binds the value of a `result` or returns its error from the enclosing function.
#define CXB_TRY(target, expression) \
    CXB_DETAIL_TRY(CXB_DETAIL_CAT(cxb_try_, __LINE__), target, expression, return)
/// As CXB_TRY, in a coroutine. The expression may hold `co_await`.
#define CXB_CO_TRY(target, expression) \
    CXB_DETAIL_TRY(CXB_DETAIL_CAT(cxb_try_, __LINE__), target, expression, co_return)
/// For `result<void>`: passes an error on, else goes on.
#define CXB_CHECK(expression) \
    if (auto cxb_check = (expression); !cxb_check) return std::move(cxb_check).error()
/// As CXB_CHECK, in a coroutine.
#define CXB_CO_CHECK(expression) \
    if (auto cxb_check = (expression); !cxb_check) co_return std::move(cxb_check).error()
