module github.com/tarn-project/tarn

go 1.26
