#!/bin/sh
# Run once by the image of PostgreSQL, on an empty volume: the role that migrates, no superuser, and its database.
# The superuser's password stays in the database's container.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$MIGRATOR_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
create role blindagem_migrator login createrole createdb nosuperuser password :'password';
create database blindagem owner blindagem_migrator;
SQL
