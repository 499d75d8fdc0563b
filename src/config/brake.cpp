// See brake.h.
#include "config/brake.h"

#include <fmt/core.h>

#include "config/section.h"

namespace sqs2pg::config {

pipeline::BrakeOptions read_brake(const Node& node, const std::string& pipeline, Report& report) {
    pipeline::BrakeOptions options;
    if (node.kind == Node::Kind::Scalar) {
        options.on = node.text == "on";
        return options;
    }
    Section section(node, kBrake, fmt::format("`brake` of the pipeline {}", backquoted(pipeline)), node.place, report);
    options.bad = static_cast<std::size_t>(section.number("bad"));
    options.of = static_cast<std::size_t>(section.number("of"));
    options.percent = static_cast<int>(section.number("percent"));
    if (options.bad > options.of) {
        report.mistake(section.place_of("bad"),
                       fmt::format("`bad` is more than `of`: of {} messages there cannot be {} bad ones", options.of,
                                   options.bad));
    }
    return options;
}

}  // namespace sqs2pg::config
