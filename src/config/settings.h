// A whole configuration as values, with every default filled in: what load.h makes of the YAML and what the commands
// use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "pipeline/options.h"
#include "secrets/reference.h"

namespace sqs2pg::config {

struct AwsSettings {
    std::string region;
    std::string endpoint_url;
    std::string profile;
    std::string ca_bundle;  // path of a PEM file
    std::optional<bool> use_fips_endpoint;
    std::optional<bool> use_dualstack_endpoint;
    std::string role_arn;  // assumed with whatever credentials there are; empty: none
    std::string external_id;
    std::string role_session_name;
    std::string place;
};

struct PostgresSettings {
    enum class Auth : std::uint8_t { Password, RdsIam };

    std::string url;  // conninfo or postgresql:// URL; empty: PGHOST and the rest, as for psql. May hold a password:
    Secret password;  // `password_file` or ${NAME}; wins over the URL's. Never print url: see redacted_url
    std::string owner_role;   // `migrate`: owner of the schema; empty: the connecting role
    std::string worker_role;  // `migrate` grants to it; empty: the connecting role is both
    std::string replayer_role;
    std::string analyst_role;
    Auth auth = Auth::Password;
    std::string region;                  // of the database, for RdsIam; empty: its host's name tells
    secrets::Reference password_secret;  // where the password is kept; none: above
    AwsSettings aws;                     // the pipeline's: whose credentials sign in or read the secret; else empty
    std::string place;
};

// Where the objects of `unwrap: s3-pointer` are.
struct S3Settings {
    enum class Addressing : std::uint8_t { Auto, Path, VirtualHost };

    std::string region;        // empty: the queue's
    std::string endpoint_url;  // empty: as the AWS SDKs find it
    Addressing addressing = Addressing::Auto;
};

struct KeySettings {
    std::string file;            // path of the key file
    std::string env;             // or the name of an environment variable that holds the file's text
    secrets::Reference secret;   // or where AWS keeps the text: a secret, a parameter or a KMS-wrapped file
    int refresh_seconds = 3600;  // a secret is read again that often
    AwsSettings aws;             // the pipeline's, where there is a secret
    std::string place;
};

struct OpsSettings {
    std::string listen = "127.0.0.1:9464";  // or "off"
};

// A pipeline: what its walk is told, and where its world is. Every default is resolved, so that nobody asks anything
// but the pipeline.
struct PipelineSettings : pipeline::PipelineOptions {
    PostgresSettings postgres;
    AwsSettings aws;
    KeySettings keys;
    S3Settings s3;
    // Equal exactly when everything that the user wrote for the pipeline is, defaults included and places left out.
    std::size_t fingerprint = 0;
};

struct Settings {
    OpsSettings ops;
    std::optional<std::string> log_format;  // "text" | "json"
    std::optional<std::string> log_level;
    int dead_letter_retention_days = 30;
    int max_connections = 0;      // database connections of the process; 0: not bounded
    std::size_t fingerprint = 0;  // of what concerns the process: all but the pipelines
    std::vector<PipelineSettings> pipelines;
};

}  // namespace sqs2pg::config
