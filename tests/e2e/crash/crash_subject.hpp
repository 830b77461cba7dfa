#pragma once
// One cxb-api that dies at a point of one subject and is started again, as often as a test wants.

#include "e2e/installation.hpp"

namespace cxb::e2e {

class crash_subject : public installation {
  protected:
    void SetUp() override;

    // Starts with this point armed; in `start_dying` it serves before it gets there.
    void launch_dying(std::string const& point, int passing = 1);
    void start_dying(std::string const& point, int passing = 1);
    // Waits for the kill by the point.
    void expect_death();
    // Starts with no point armed.
    void start_sound();

    // The API's clock goes ahead by this much more: leases of those who died end at once.
    void step_clock(std::chrono::milliseconds by);
    // What the store holds, by the SQLite shell.
    std::string rows(std::string const& sql);
    bool rows_become(std::string const& sql, std::string const& wanted);

    environment more;  // settings of each start

  private:
    std::filesystem::path const clock_file_ = scratch / "clock";
    std::chrono::milliseconds ahead_{0};
    std::string armed_;
};

}  // namespace cxb::e2e
