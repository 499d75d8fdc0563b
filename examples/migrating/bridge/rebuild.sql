BEGIN;
UPDATE user_logins SET masked_ip = token
  FROM mask_bridge WHERE column_name = 'masked_ip' AND masked_ip = old;
UPDATE user_logins SET masked_device_id = token
  FROM mask_bridge WHERE column_name = 'masked_device_id' AND masked_device_id = old;
COMMIT;

-- What is left has no known value.
SELECT count(*) FILTER (WHERE masked_ip NOT LIKE 'k1\_%') AS old_ips,
       count(*) FILTER (WHERE masked_device_id NOT LIKE 'k1\_%') AS old_device_ids
  FROM user_logins;
