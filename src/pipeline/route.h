// Which of a pipeline's routes takes a message: the first whose conditions all hold. And, before any message came, what
// can be said of the routes among themselves. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pipeline/map_input.h"
#include "pipeline/options.h"

namespace sqs2pg::pipeline {

// A route's conditions with the slots where the decoder puts their values. Not thread-safe: one a worker.
class RouteMatcher {
   public:
    // One slot a condition (any number where the condition is on metadata that has none).
    RouteMatcher(std::vector<Condition> when, std::vector<std::uint32_t> slots)
        : when_(std::move(when)), slots_(std::move(slots)) {}

    bool fits(const MapInput& input);

   private:
    std::vector<Condition> when_;
    std::vector<std::uint32_t> slots_;
    std::string scratch_;
};

// Every message that fits `later` fits `earlier` too, so that it never reaches `later`.
bool covers(const Route& earlier, const Route& later);

// A message can fit both. (No two conditions on one place exclude each other.)
bool can_overlap(const Route& one, const Route& other);

}  // namespace sqs2pg::pipeline
