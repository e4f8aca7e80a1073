#!/bin/sh
# Run once by the image of PostgreSQL, when the database is made: the account of the site, which owns nothing.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$(cat /run/secrets/site_password)" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE zhijian_site LOGIN PASSWORD :'password';
SQL
