// The fixed texts of the migration's script: the steps of the versions, each of which does nothing where it was taken
// already, and the functions. migration_sql.cpp puts them together.
#pragma once

namespace sqs2pg::schema {

// The advisory lock of migrations and maintenance: "sqs2pg" in ASCII.
#define SQS2PG_LOCK "126931101184103"

extern const char* const kVersion1;
extern const char* const kVersion2;
extern const char* const kVersion3;
extern const char* const kFunctions;
extern const char* const kControlFunctions;

}  // namespace sqs2pg::schema
