-- The table of the Lambda and Redpanda Connect versions: that of ../user_logins.sql and the message's id, by which they
-- keep a redelivered message from becoming a second row.
CREATE TABLE user_logins (
    message_id       uuid UNIQUE,
    user_id          varchar(128) NOT NULL,
    device_type      varchar(32),
    masked_ip        varchar(256),
    masked_device_id varchar(256),
    locale           varchar(32),
    app_version      integer,
    create_date      date
);
