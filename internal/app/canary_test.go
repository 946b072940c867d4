package app_test

type canaries struct{}
