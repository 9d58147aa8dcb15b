#!/bin/sh
# Makes a private authority and a certificate for each name, in FOLDER/NAME: ca.crt, tls.crt, tls.key. The key of the
# authority stays in FOLDER/authority. What is there and valid for another RENEW_DAYS is kept, so it may run at every start.
#
#   certificates.sh FOLDER NAME…
#
# A NAME is the DNS name of its certificate: a host for servers, the user for clients of NATS. TLS_HOSTS adds names to the
# certificate of report, such as DNS:challenge.example. As root the files belong to SERVICE_UID, those of postgres to
# POSTGRES_UID, since Postgres refuses the key of another user.
set -eu
umask 077
folder=$1
shift
authority=$folder/authority
renew=$((${RENEW_DAYS:-30} * 86400))

mkdir -p "$authority"
if ! openssl x509 -checkend "$renew" -noout -in "$authority/ca.crt" > /dev/null 2>&1; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
    -subj '/CN=crunch-node authority' -keyout "$authority/ca.key" -out "$authority/ca.new" 2> /dev/null
  mv "$authority/ca.new" "$authority/ca.crt"
fi

names() {
  case $1 in
    nats | postgres) echo "DNS:$1,DNS:localhost,IP:127.0.0.1" ;;
    report) echo "DNS:$1,DNS:localhost,IP:127.0.0.1${TLS_HOSTS:+,$TLS_HOSTS}" ;;
    *) echo "DNS:$1" ;;
  esac
}

for name in "$@"; do
  own=$folder/$name
  mkdir -p "$own"
  wanted=$(names "$name")
  if ! openssl verify -CAfile "$authority/ca.crt" "$own/tls.crt" > /dev/null 2>&1 ||
    ! openssl x509 -checkend "$renew" -noout -in "$own/tls.crt" > /dev/null 2>&1 ||
    [ "$(cat "$own/names" 2> /dev/null)" != "$wanted" ]; then
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" \
      -keyout "$own/tls.key" -out "$own/request" 2> /dev/null
    printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n' "$wanted" > "$own/extensions"
    openssl x509 -req -in "$own/request" -CA "$authority/ca.crt" -CAkey "$authority/ca.key" -CAcreateserial \
      -days 820 -extfile "$own/extensions" -out "$own/tls.crt" 2> /dev/null
    rm "$own/request" "$own/extensions"
    printf '%s\n' "$wanted" > "$own/names"
    echo "made a certificate for $name ($wanted)"
  fi
  cp "$authority/ca.crt" "$own/ca.crt"
  if [ "$(id -u)" = 0 ]; then
    case $name in
      postgres) owner=${POSTGRES_UID:-70} ;;
      *) owner=${SERVICE_UID:-1000} ;;
    esac
    chown -R "$owner:$owner" "$own"
  fi
done
