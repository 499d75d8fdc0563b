// The brake's windows, asked directly.
#include "pipeline/brake.h"

#include <gtest/gtest.h>

namespace sqs2pg::pipeline {
namespace {

const BadMessage kMissing{"missing_field", "user_id", ""};
const BadMessage kWrong{"wrong_type", "age", ""};

// 'g' is a good message, 'm' and 'w' are bad ones. The place of the one that made it trip, or nothing.
std::optional<std::size_t> trips_at(Brake& brake, std::string_view messages, JudgedAt point = JudgedAt::Receive) {
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const BadMessage* verdict = messages[i] == 'g' ? nullptr : messages[i] == 'm' ? &kMissing : &kWrong;
        if (brake.add(point, {&verdict, 1})) return i;
    }
    return std::nullopt;
}

std::string times(std::size_t count, std::string_view text) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += text;
    return all;
}

TEST(Brake, NineteenBadMessagesAreTooFewWhateverTheirShare) {
    Brake brake;
    EXPECT_EQ(trips_at(brake, times(19, "m")), std::nullopt);
    EXPECT_EQ(trips_at(brake, "m"), 0u);
}

TEST(Brake, HalfIsNotMoreThanHalf) {
    Brake brake;
    EXPECT_EQ(trips_at(brake, times(500, "gm")), std::nullopt);
    EXPECT_EQ(trips_at(brake, "m"), 0u) << "the oldest of the window was a good one";
}

TEST(Brake, LooksAtTheLast200Only) {
    Brake brake;
    EXPECT_EQ(trips_at(brake, times(10'000, "g")), std::nullopt);
    EXPECT_EQ(trips_at(brake, times(100, "m")), std::nullopt);
    EXPECT_EQ(trips_at(brake, "m"), 0u);
}

TEST(Brake, BadOnesThatSlidOutOfTheWindowCountNoMore) {
    Brake brake;
    EXPECT_EQ(trips_at(brake, times(200, "g") + times(90, "m") + times(200, "g") + times(100, "m")), std::nullopt);
}

TEST(Brake, TheTwoPointsHaveWindowsOfTheirOwn) {
    Brake brake;
    EXPECT_EQ(trips_at(brake, times(15, "m"), JudgedAt::Receive), std::nullopt);
    EXPECT_EQ(trips_at(brake, times(15, "m"), JudgedAt::Write), std::nullopt);
    EXPECT_EQ(trips_at(brake, times(5, "m"), JudgedAt::Write), 4u);
}

TEST(Brake, SaysOnceWhyAndWhatMostOfThemWere) {
    Brake brake;
    EXPECT_EQ(brake.tripped(), std::nullopt);
    std::vector<const BadMessage*> verdicts(30, &kMissing);
    verdicts[0] = nullptr;
    verdicts[3] = &kWrong;
    EXPECT_EQ(brake.add(JudgedAt::Receive, verdicts),
              "20 of the last 21 messages were bad, most often missing_field (user_id)");
    EXPECT_EQ(brake.add(JudgedAt::Receive, verdicts), std::nullopt);
    EXPECT_EQ(brake.tripped(), "20 of the last 21 messages were bad, most often missing_field (user_id)");
}

TEST(Brake, StartsWithEmptyWindowsAfterItWasReleased) {
    Brake brake;
    EXPECT_EQ(trips_at(brake, times(20, "m")), 19u);
    brake.release();
    EXPECT_EQ(brake.tripped(), std::nullopt);
    EXPECT_EQ(trips_at(brake, times(19, "w")), std::nullopt);
    EXPECT_EQ(trips_at(brake, "w"), 0u);
    EXPECT_EQ(brake.tripped(), "20 of the last 20 messages were bad, most often wrong_type (age)");
}

TEST(Brake, TakesOtherLimitsAndNone) {
    Brake strict({.on = true, .bad = 1, .of = 1, .percent = 0});
    EXPECT_EQ(trips_at(strict, "ggm"), 2u);
    Brake patient({.on = true, .bad = 5, .of = 10, .percent = 80});
    EXPECT_EQ(trips_at(patient, "ggggggggggmmmmmmmm"), std::nullopt);
    EXPECT_EQ(trips_at(patient, "m"), 0u);
    Brake off({.on = false});
    EXPECT_EQ(trips_at(off, times(1000, "m")), std::nullopt);
}

TEST(Brake, ManyKindsOfBadMessagesDoNotMakeItGrow) {
    Brake brake({.on = true, .bad = 200, .of = 200, .percent = 0});
    std::optional<std::string> said;
    for (int i = 0; i < 200 && !said; ++i) {
        BadMessage bad{"missing_field", "path" + std::to_string(i), ""};
        const BadMessage* verdict = &bad;
        said = brake.add(JudgedAt::Receive, {&verdict, 1});
    }
    ASSERT_TRUE(said.has_value());
    EXPECT_TRUE(said->starts_with("200 of the last 200 messages were bad, most often missing_field (path")) << *said;
}

}  // namespace
}  // namespace sqs2pg::pipeline
