// The parts that the table of fields is put together from, one a file. See fields.h, which is what everybody else asks.
#pragma once

#include <span>

#include "config/fields.h"

namespace sqs2pg::config {

std::span<const Field> process_fields();
std::span<const Field> pipeline_fields();
std::span<const Field> kind_fields();
std::span<const Field> column_fields();

}  // namespace sqs2pg::config
