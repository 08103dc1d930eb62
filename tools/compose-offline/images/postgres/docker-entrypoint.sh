#!/usr/bin/env bash
# What the official image's entrypoint does with POSTGRES_PASSWORD(_FILE), POSTGRES_USER, POSTGRES_DB, POSTGRES_INITDB_ARGS
# and PGDATA. It has no trust method and runs no files of /docker-entrypoint-initdb.d.
set -euo pipefail
if [[ ${1:-} == -* ]]; then set -- postgres "$@"; fi
if [[ ${1:-} != postgres ]]; then exec "$@"; fi

if [[ -n ${POSTGRES_PASSWORD_FILE:-} ]]; then
  if [[ -n ${POSTGRES_PASSWORD:-} ]]; then
    echo 'POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE exclude each other' >&2
    exit 1
  fi
  # read as root: the file need not be the server's
  POSTGRES_PASSWORD=$(<"$POSTGRES_PASSWORD_FILE")
  export POSTGRES_PASSWORD
  unset POSTGRES_PASSWORD_FILE
fi
if [[ $(id -u) == 0 ]]; then
  mkdir -p "$PGDATA"
  chown -R postgres "$PGDATA"
  chmod 0700 "$PGDATA"
  exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
fi

if [[ ! -s $PGDATA/PG_VERSION ]]; then
  if [[ -z ${POSTGRES_PASSWORD:-} ]]; then
    echo 'The database is new and no password is given: set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE.' >&2
    exit 1
  fi
  user=${POSTGRES_USER:-postgres}
  # several words in one variable, as the official image takes them
  # shellcheck disable=SC2086
  initdb --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") ${POSTGRES_INITDB_ARGS:-}
  printf "listen_addresses = '*'\nunix_socket_directories = '/var/run/postgresql'\n" >>"$PGDATA/postgresql.conf"
  printf 'host all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
  database=${POSTGRES_DB:-$user}
  if [[ $database != postgres ]]; then
    printf 'create database "%s"\n' "${database//\"/\"\"}" | postgres --single -D "$PGDATA" postgres >/dev/null
  fi
fi
unset POSTGRES_PASSWORD
exec "$@"
