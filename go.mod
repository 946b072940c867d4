module github.com/tintype/tintype

go 1.26
