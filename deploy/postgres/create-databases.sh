#!/usr/bin/env bash
# Run once by the postgres image: a role and a database for each service, closed to everybody else.
set -euo pipefail

for service in provider inventory payment order; do
  psql --set ON_ERROR_STOP=1 --username postgres \
    --set role="${service}_service" --set database="${service}_db" --set password="$SERVICE_PASSWORD" <<'SQL'
create role :"role" login password :'password';
create database :"database" owner :"role";
revoke all on database :"database" from public;
SQL
done
