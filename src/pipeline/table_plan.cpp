// Looking at the tables again, see table_plan.h.
#include "pipeline/table_plan.h"

#include <utility>

namespace sqs2pg::pipeline {

awaitable<TablePlan::Found> TablePlan::look() {
    confirmed_at_ = state_.clock.now();
    if (!state_.options.make_map) co_return Found::Same;
    auto tables = co_await state_.database.tables();
    if (!tables) {
        error_ = tables.error();
        const bool gone = error_.kind == ErrorKind::Configuration;
        misfit_ = misfit_ || gone;
        doubt_ = true;
        co_return gone ? Found::Misfit : Found::Unknown;
    }
    if (*tables == tables_) {
        misfit_ = false;
        if (!std::exchange(doubt_, false)) co_return Found::Same;
        // What the server refused meanwhile, it may have refused for another shape's sake.
        map_anew();
        co_return Found::Changed;
    }
    auto made = state_.options.make_map(*tables);
    if (!made) {
        error_ = made.error();
        misfit_ = doubt_ = true;
        co_return Found::Misfit;
    }
    misfit_ = doubt_ = false;
    map_ = std::move(*made);
    tables_ = std::move(*tables);
    state_.database.write_to(map_.targets());
    map_anew();
    state_.events.table_changed(state_.inflight.count());
    co_return Found::Changed;
}

std::optional<ObjectRef> TablePlan::object_of(Held& held) {
    auto object = map_.object_of(held.message);
    return object ? std::move(*object) : std::nullopt;
}

bool TablePlan::make_row(Held& held) {
    held.row.reset();
    held.bad.reset();
    auto* object = held.object ? &held.object->body : nullptr;
    auto row = map_.transform(held.message, object);
    if (!row) {
        held.bad = std::make_unique<BadMessage>(std::move(row.error()));
    } else if (*row) {
        held.row = std::move(*row);
        const auto object_bytes = object != nullptr ? held.message.bytes() + object->size() : 0;
        state_.inflight.charge(held, object_bytes + held.row->copy_text().size());
    }
    return held.row || held.bad;
}

void TablePlan::map_anew() {
    state_.inflight.each([&](Held& held) {
        // What a COMMIT covers waits for its delete only.
        if (held.committed) return;
        // What is still to be fetched gets its row then; what could not be keeps its verdict.
        if (held.object && !held.object->arrived) return;
        held.dead_letter.reset();
        make_row(held);
    });
}

}  // namespace sqs2pg::pipeline
