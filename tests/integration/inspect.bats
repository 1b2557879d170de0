#!/usr/bin/env bats
# inspect: Docker's document of a container, and templates over it. info, port and system df, too.
load helpers
load lifecycle.bash

@test "inspect prints an array, with Docker's names" {
  mc create --name "$name" -e A=1 -l team=blue -v /usr:/x:ro --memory 64m --restart on-failure:2 /bin/echo hi
  mc inspect "$name"
  assert_status 0
  [[ $output == $'[\n    {\n        "Id": "'"$(id_of "$name")"'",'* ]]
  assert_contains '"Path": "/bin/echo"'
  assert_contains '"Status": "created"'
  mc inspect -f '{{.Name}} {{.HostConfig.Memory}} {{json .HostConfig.RestartPolicy}} {{.Config.Labels.team}}' "$name"
  assert_output "/$name 67108864 {\"Name\":\"on-failure\",\"MaximumRetryCount\":2} blue"
  mc inspect -f '{{range .Mounts}}{{.Source}}:{{.Destination}}:{{.RW}}{{end}} {{range .Config.Env}}{{if eq . "A=1"}}{{.}}{{end}}{{end}}' "$name"
  assert_output "/usr:/x:false A=1"
}

@test "inspect tells the state of each run" {
  mc run -d --name "$name" /bin/sleep 1000
  mc inspect -f '{{.State.Status}} {{.State.Running}} {{.State.Pid}} {{.State.FinishedAt}}' "$name"
  assert_output "running true $(pid_of "$name") 0001-01-01T00:00:00Z"
  mc kill "$name"
  mc wait "$name"
  mc container inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}} {{.State.OOMKilled}}' "$name"
  assert_output "exited 137 0 false"
}

@test "inspect goes on after what is missing, and says so" {
  mc create --name "$name" /bin/true
  mc inspect -f '{{.Name}}' nobody "$name"
  assert_status 1
  assert_output "/$name"
  assert_stderr_contains "inspect: no such object: nobody"
  mc container inspect nobody
  assert_status 1
  assert_output "[]"
  assert_stderr_contains "no such container: nobody"
}

@test "inspect refuses templates and types that mean nothing" {
  mc create --name "$name" /bin/true
  mc inspect -f '{{.Foo}}' "$name"
  assert_refused 'template parsing error: template: :1:2: executing "" at <.Foo>: map has no entry for key "Foo"' 1
  mc inspect -f '{{nope}}' "$name"
  assert_refused 'function "nope" not defined' 1
  mc inspect --type bogus "$name"
  assert_refused '"bogus" is not a valid value for --type' 1
  mc inspect
  assert_refused "requires at least 1 argument" 1
}

@test "inspect -s tells the layer's size" {
  mc run --name "$name" /bin/sh -c 'printf 12345 > /f'
  mc inspect -s -f '{{.SizeRw}}' "$name"
  assert_output 5
  mc inspect -f '{{.SizeRw}}' "$name"
  assert_status 1
}

@test "port: nothing is published" {
  mc create --name "$name" /bin/true
  mc port "$name"
  assert_status 0
  assert_output ""
  mc port "$name" 80
  assert_refused "no public port '80/tcp' published for $name" 1
  mc port nobody
  assert_refused "no such container: nobody" 1
}

@test "info and system df count containers" {
  mc run --name "$name" /bin/sh -c 'printf 12345 > /f'
  mc info -f '{{.Containers}} {{.ContainersStopped}} {{.DockerRootDir}}'
  assert_output "1 1 $MYCONTAINER_ROOT"
  mc system info
  assert_contains $'Containers: 1\n Running: 0'
  mc system df --format '{{.Type}} {{.TotalCount}} {{.Active}} {{.Size}} {{.Reclaimable}}'
  assert_contains "Containers 1 0 5B 5B (100%)"
  mc system df -v
  assert_contains "Containers space usage:"
}
