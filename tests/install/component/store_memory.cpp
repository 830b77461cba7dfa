// cxb::store_memory: news within one process.
#include "cxb/store/memory/memory_event_bus.hpp"
#include "cxb/wire/json.hpp"

int main() {
    cxb::store::memory_event_bus bus;
    int heard = 0;
    bus.subscribe("bots", {.on_message = [&](auto const&) { ++heard; }, .on_missed = {}});
    return bus.publish("bots", cxb::wire::json_object{{"id", "b1"}}) && heard == 1 ? 0 : 1;
}
