// cxb::worker: slots.
#include "cxb/worker/call_slots.hpp"

int main() {
    cxb::worker::call_slots slots(1);
    auto const first = slots.acquire("a");
    auto const second = slots.acquire("b");
    return first && !second && slots.calls() == 1 ? 0 : 1;
}
