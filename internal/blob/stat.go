package blob

import "context"

// Stater is a Store that can tell of a file without opening it.
type Stater interface {
	// Stat describes a file. NotFound if there is none.
	Stat(ctx context.Context, key string) (Info, error)
}

// Stat describes a file of any store, in the cheapest way that the store has.
func Stat(ctx context.Context, s Store, key string) (Info, error) {
	if st, ok := s.(Stater); ok {
		return st.Stat(ctx, key)
	}
	f, err := s.Open(ctx, key)
	if err != nil {
		return Info{}, err
	}
	info := f.Info()
	return info, f.Close()
}
