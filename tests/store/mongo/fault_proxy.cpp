#include "store/mongo/fault_proxy.hpp"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstring>

#include "src/store/mongo/mongo_driver.hpp"

namespace cxb::test {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using store::mongo::bson_document;
using bytes = std::vector<char>;

namespace {

constexpr std::size_t header = 16;
constexpr std::int32_t command_code = 2013;  // greetings of the driver's monitor have another

// Before the document of a message: header, flags, kind of the section.
constexpr std::size_t before_document = header + 5;

/// One message; empty at the end.
bytes read_message(tcp::socket& from) {
    bytes made(header);
    boost::system::error_code failed;
    asio::read(from, asio::buffer(made), failed);
    if (failed) return {};
    std::int32_t length = 0;
    std::memcpy(&length, made.data(), sizeof length);
    made.resize(static_cast<std::size_t>(length));
    asio::read(from, asio::buffer(made.data() + header, made.size() - header), failed);
    return failed ? bytes() : made;
}

bool write_bytes(tcp::socket& to, char const* from, std::size_t count) {
    boost::system::error_code failed;
    asio::write(to, asio::buffer(from, count), failed);
    return !failed;
}

/// The name of the command; "" for a greeting of the driver's monitor.
std::string command_of(bytes const& request) {
    std::int32_t code = 0;
    std::memcpy(&code, request.data() + 12, sizeof code);
    // Its length and the kind of its first member stand before the name.
    return code == command_code ? std::string(request.data() + before_document + 5) : std::string();
}

bson_document document_in(bytes const& message) {
    bson_t view;
    auto const* const start = reinterpret_cast<std::uint8_t const*>(message.data());
    std::int32_t length = 0;  // lists of documents may follow
    std::memcpy(&length, message.data() + before_document, sizeof length);
    if (!bson_init_static(&view, start + before_document, static_cast<std::size_t>(length)))
        return {};
    return bson_document(&view);
}

bytes with_document(bytes message, bson_document const& document) {
    message.resize(before_document);
    auto const* const start = reinterpret_cast<char const*>(bson_get_data(document.get()));
    message.insert(message.end(), start, start + document.bytes());
    auto const length = static_cast<std::int32_t>(message.size());
    std::memcpy(message.data(), &length, sizeof length);
    return message;
}

bson_document refusal(int code, char const* name) {
    return bson_document()
        .add("ok", 0.0)
        .add("code", code)
        .add("codeName", name)
        .add("errmsg", name);
}

/// What the driver gets instead of the server's answer.
bytes changed_answer(bytes answer, proxy_fault fault, std::string const& command) {
    if (fault == proxy_fault::interrupted)
        return with_document(std::move(answer), refusal(11602, "InterruptedDueToReplStateChange"));
    bool const is_read = command == "find" || command == "aggregate" || command == "getMore";
    if (fault != proxy_fault::unconfirmed || is_read) return answer;
    auto told = document_in(answer);
    told.add("writeConcernError", bson_document()
                                      .add("code", 91)
                                      .add("codeName", "ShutdownInProgress")
                                      .add("errmsg", "the server shuts down"));
    return with_document(std::move(answer), told);
}

/// The answer of a server that is no primary, made from the request.
bytes stepped_down_answer(bytes request) {
    std::memcpy(request.data() + 8, request.data() + 4, sizeof(std::int32_t));
    std::memset(request.data() + header, 0, before_document - header);
    return with_document(std::move(request), refusal(10107, "NotWritablePrimary"));
}

/// Ends reads that wait in another thread.
void stop(tcp::socket& which) {
    ::shutdown(which.native_handle(), SHUT_RDWR);
}

}  // namespace

fault_proxy::fault_proxy(unsigned short server)
    : acceptor_(loop_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      server_(server),
      port_(acceptor_.local_endpoint().port()),
      thread_([this] { accept(); }) {}

fault_proxy::~fault_proxy() {
    stopping_ = true;
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    thread_.join();
    std::lock_guard const lock(mutex_);
    for (auto& each : links_) {
        stop(each.client);
        stop(each.server);
    }
    for (auto& each : links_)
        each.thread.join();
}

void fault_proxy::arm(proxy_fault fault, int number) {
    fault_ = fault;
    struck_ = false;
    left_ = number;
}

void fault_proxy::arm_and_refuse_the_next(proxy_fault fault, int number) {
    refuse_next_ = true;
    arm(fault, number);
}

void fault_proxy::before_each(std::function<void(std::string const&)> call) {
    std::lock_guard const lock(mutex_);
    before_each_ = std::move(call);
}

void fault_proxy::accept() {
    while (!stopping_) {
        boost::system::error_code failed;
        tcp::socket client(loop_);
        acceptor_.accept(client, failed);
        if (failed) return;
        tcp::socket server(loop_);
        server.connect({asio::ip::address_v4::loopback(), server_}, failed);
        if (failed) continue;
        std::lock_guard const lock(mutex_);
        auto& made = links_.emplace_back(link{std::move(client), std::move(server), {}});
        made.thread = std::thread([this, &made] { serve(made); });
    }
}

void fault_proxy::serve(link& on) {
    while (exchange(on)) {
    }
    stop(on.client);
    stop(on.server);
}

int fault_proxy::count(std::string const& command) const {
    std::lock_guard const lock(mutex_);
    auto const found = seen_.find(command);
    return found == seen_.end() ? 0 : found->second.count;
}

std::string fault_proxy::last(std::string const& command) const {
    std::lock_guard const lock(mutex_);
    auto const found = seen_.find(command);
    return found == seen_.end() ? std::string() : found->second.last;
}

bool fault_proxy::is_chosen(bytes const& request, std::string const& command) {
    if (command.empty()) return false;
    auto* const text = bson_as_relaxed_extended_json(document_in(request).get(), nullptr);
    std::lock_guard const lock(mutex_);
    auto& known = seen_[command];
    ++known.count;
    known.last = text == nullptr ? "" : text;
    bson_free(text);
    bool const now = left_ > 0 && --left_ == 0;
    if (now) struck_ = true;
    return now;
}

void fault_proxy::call_before(std::string const& command) {
    std::function<void(std::string const&)> call;
    {
        std::lock_guard const lock(mutex_);
        call = before_each_;
    }
    if (call && !command.empty()) call(command);
}

bool fault_proxy::exchange(link& on) {
    auto const request = read_message(on.client);
    if (request.empty()) return false;
    auto const command = command_of(request);
    bool const now = is_chosen(request, command);
    auto const fault = fault_.load();
    if (now && refuse_next_.exchange(false)) arm(proxy_fault::stepped_down, 1);
    call_before(command);
    if (now && fault == proxy_fault::cut_before) return false;
    if (now && fault == proxy_fault::stepped_down) {
        auto const refused = stepped_down_answer(request);
        return write_bytes(on.client, refused.data(), refused.size());
    }
    if (!write_bytes(on.server, request.data(), request.size())) return false;
    auto answer = read_message(on.server);
    if (answer.empty() || (now && fault == proxy_fault::cut_after)) return false;
    if (now && fault == proxy_fault::cut_inside) {
        (void)write_bytes(on.client, answer.data(), answer.size() / 2);
        return false;
    }
    if (now && fault == proxy_fault::silence) return true;
    if (now) answer = changed_answer(std::move(answer), fault, command);
    return write_bytes(on.client, answer.data(), answer.size());
}

}  // namespace cxb::test
