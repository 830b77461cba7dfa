#include "cxb/domain/latency_histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace {

using namespace cxb;
using domain::latency_histogram;

latency_histogram of(std::vector<double> const& values) {
    latency_histogram out;
    for (double const value : values)
        out.add(real_milliseconds{value});
    return out;
}

// What the chapter says, word for word: bounds multiplied up one by one, values sorted and counted.
std::int64_t recounted(std::vector<double> values, int percent) {
    std::sort(values.begin(), values.end());
    auto const rank = static_cast<std::size_t>(std::ceil(percent / 100.0 * double(values.size())));
    double const value = values[rank - 1];
    long double exact = 10;
    for (int i = 0; i < 80; ++i, exact *= 1.1L)
        if (value <= double(std::round(exact))) return std::llround(exact);
    return static_cast<std::int64_t>(std::ceil(values.back()));
}

TEST(LatencyHistogram, BoundsOfTheChapter) {
    std::vector<std::int64_t> first;
    for (std::size_t i = 0; i < 5; ++i)
        first.push_back(domain::latency_bound(i));
    EXPECT_EQ(first, (std::vector<std::int64_t>{10, 11, 12, 13, 15}));
    EXPECT_EQ(domain::latency_bound(79), 18622);
    long double exact = 10;
    for (std::size_t i = 0; i < 80; ++i, exact *= 1.1L) {
        EXPECT_EQ(domain::latency_bound(i), std::llround(exact)) << i;
        if (i > 0) EXPECT_GT(domain::latency_bound(i), domain::latency_bound(i - 1));
    }
}

TEST(LatencyHistogram, AValueGoesToTheFirstBoundThatHoldsIt) {
    auto const bucket = [](double ms) { return domain::latency_bucket(real_milliseconds{ms}); };
    EXPECT_EQ(bucket(-5), 0U);
    EXPECT_EQ(bucket(0), 0U);
    EXPECT_EQ(bucket(10), 0U);
    EXPECT_EQ(bucket(10.001), 1U);
    EXPECT_EQ(bucket(11), 1U);
    EXPECT_EQ(bucket(18622), 79U);
    EXPECT_EQ(bucket(18622.01), 80U);
    EXPECT_EQ(bucket(1e300), 80U);
    EXPECT_EQ(bucket(std::nan("")), 0U);
}

TEST(LatencyHistogram, ExampleOfTheChapter) {
    std::vector<double> values;
    for (int i = 1; i <= 10; ++i)
        values.push_back(100.0 * i);
    auto const made = of(values);
    EXPECT_EQ(made.count(), 10);
    EXPECT_EQ(made.percentile(50), 548);
    EXPECT_EQ(made.percentile(90), 970);
    EXPECT_EQ(made.percentile(95), 1067);
    EXPECT_EQ(made.percentile(99), 1067);
    EXPECT_EQ(made.average(), real_milliseconds{550});
}

TEST(LatencyHistogram, NothingHasNoPercentile) {
    latency_histogram const empty;
    EXPECT_EQ(empty.count(), 0);
    EXPECT_FALSE(empty.percentile(50));
    EXPECT_FALSE(empty.average());
}

TEST(LatencyHistogram, OverTheLastBoundTheLargestIsNamed) {
    auto made = of({20000.2, 31000, 25000});
    EXPECT_EQ(made.percentile(1), 31000);
    EXPECT_EQ(made.percentile(99), 31000);
    made.subtract(of({31000}));
    EXPECT_EQ(made.percentile(50), 25000) << "the largest that is left";
    made.subtract(of({25000}));
    EXPECT_EQ(made.percentile(50), 20001) << "rounded up to whole ms";
}

TEST(LatencyHistogram, EqualsAPlainRecount) {
    std::mt19937 random(7);
    std::lognormal_distribution<double> spread(6.5, 1.3);
    for (int round = 0; round < 200; ++round) {
        std::vector<double> values;
        auto const n = 1 + random() % 300;
        for (unsigned i = 0; i < n; ++i)
            values.push_back(std::round(spread(random) * 4) / 4);
        auto const made = of(values);
        ASSERT_EQ(made.count(), std::int64_t(n));
        for (int const percent : {1, 50, 90, 95, 99, 100})
            ASSERT_EQ(made.percentile(percent), recounted(values, percent)) << round << percent;
        double total = 0;
        for (double const value : values)
            total += value;
        ASSERT_NEAR(made.average()->count(), total / double(n), 0.001);
    }
}

TEST(LatencyHistogram, PutTogetherAndTakenOutAgain) {
    std::mt19937 random(11);
    std::lognormal_distribution<double> spread(7.0, 1.5);
    std::vector<std::vector<double>> parts(20);
    std::vector<double> kept;
    latency_histogram sum;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        for (int k = 0; k < 40; ++k)
            parts[i].push_back(spread(random));
        sum.add(of(parts[i]));
        if (i % 2 == 0) kept.insert(kept.end(), parts[i].begin(), parts[i].end());
    }
    for (std::size_t i = 1; i < parts.size(); i += 2)
        sum.subtract(of(parts[i]));
    EXPECT_EQ(sum, of(kept));
    sum.subtract(of(kept));
    EXPECT_EQ(sum, latency_histogram{}) << "nothing stays behind";
}

TEST(LatencyHistogram, HugeNumbersDoNotWrap) {
    latency_histogram made;
    made.sum_us = std::numeric_limits<std::int64_t>::max() - 1;
    made.add(real_milliseconds{1e300});
    EXPECT_EQ(made.sum_us, std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(made.percentile(50), 1'000'000'000'000);
}

}  // namespace
