// cxb::domain: a telephone number and a time zone, which need data of other libraries.
#include "cxb/domain/phone_number.hpp"
#include "cxb/domain/time_zone.hpp"

int main() {
    return cxb::domain::is_phone_region("IN") && cxb::domain::find_time_zone("Asia/Kolkata") ? 0
                                                                                             : 1;
}
