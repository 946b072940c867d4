package render
import ("testing";"bytes";"fmt";"time";"github.com/tintype/tintype/internal/imaging")
func TestTmp(t *testing.T){
 load()
 const w,h=11500,8690
 pix:=make([]byte,w*h*3)
 for i := range pix { pix[i] = byte(i / (w * 3) / 40) }
 files:=map[string][]byte{}
 mk:=func(n,op string,a args,bands int){ im,err:=fromPixels(pix[:w*h*3],w,h,3); if err!=nil{t.Fatal(err)}; t0:=time.Now()
  if bands==4 { im,err=im.call("bandjoin_const",args{"c","200"}); if err!=nil{t.Fatal(err)} }
  if n=="png16" { im,err=im.call("colourspace",args{"space","rgb16"}); if err!=nil{t.Fatal(err)} }
  f,err:=im.encode(op,a); if err!=nil {t.Log(n,err);return}; files[n]=f; t.Log(n,len(f),time.Since(t0)) }
 mk("pjpeg","jpegsave_buffer",args{"interlace","true","subsample-mode","off"},3)
 mk("png16","pngsave_buffer",args{"interlace","true","compression","1"},3)
 mk("pnga","pngsave_buffer",args{"interlace","true","compression","1"},4)
 mk("avif","heifsave_buffer",args{"compression","av1","effort","0","Q","30","bitdepth","8"},3)
 mk("avif10","heifsave_buffer",args{"compression","av1","effort","0","Q","30","bitdepth","10","subsample-mode","off"},3)
 mk("heic","heifsave_buffer",args{"compression","hevc","effort","0","Q","30","bitdepth","8"},3)
 for n,f:=range files { for _,mem:=range []int64{600,1000,1500,2048,3000} {
  p:=newPool(imaging.Config{Children:1,MaxMemory:mem<<20}); t0:=time.Now()
  _,err:=p.Render(t.Context(),bytes.NewReader(f),imaging.Plan{Sizes:imaging.PostSizes()},discard)
  fmt.Println(n,mem,time.Since(t0),err); p.Close(); if err==nil{break} } }
}
