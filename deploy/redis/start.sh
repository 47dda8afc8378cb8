#!/bin/sh
# Starts Redis with the users of users.acl, whose passwords are files: start.sh redis-server OPTION…
#
#   MARTLET_REDIS_SECRETS   the directory of those files, one line each; /run/secrets unless set
#   MARTLET_REDIS_USERS     the users; users.acl beside this script unless set
#   MARTLET_REDIS_ACLFILE   where Redis's own form of them is written, which has no passwords; /tmp/users.acl unless set
set -eu

secrets=${MARTLET_REDIS_SECRETS:-/run/secrets}
users=${MARTLET_REDIS_USERS:-$(dirname "$0")/users.acl}
aclfile=${MARTLET_REDIS_ACLFILE:-/tmp/users.acl}

fail() {
    echo "start.sh: $1" >&2
    exit 1
}

# The SHA-256 of a secret, without the space around it: the nodes drop that, too.
digest() {
    [ -r "$secrets/$1" ] || fail "$secrets/$1 cannot be read: it holds the password of a Redis user, on one line"
    password=$(sed -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' "$secrets/$1")
    [ -n "$password" ] || fail "$secrets/$1 is empty: it holds the password of a Redis user, on one line"
    if [ "$password" = for-a-trial-only ]; then
        echo "start.sh: $1 is the password that everybody can read in Martlet's sources: make one of your own" >&2
    fi
    printf %s "$password" | sha256sum | cut -d ' ' -f 1
}

text=$(sed -e '/^#/d' -e ':more' -e '/\\$/{N;s/\\\n[[:space:]]*//;b more' -e '}' "$users")
# shellcheck disable=SC2016 # ${NAME} is what is looked for
names=$(printf '%s\n' "$text" | grep -o '\${[a-z0-9-]*}' | tr -d '${}' | sort -u)
for name in $names; do
    hash=$(digest "$name")
    text=$(printf '%s\n' "$text" | sed -e "s/\${$name}/$hash/g")
done
# Readable for the user that Redis becomes; there are hashes in it, of passwords that nobody guesses.
printf '%s\n' "$text" >"$aclfile"
chmod 644 "$aclfile"

# The official image's start script gives up root before it starts Redis.
if command -v docker-entrypoint.sh >/dev/null; then set -- docker-entrypoint.sh "$@"; fi
exec "$@" --aclfile "$aclfile"
